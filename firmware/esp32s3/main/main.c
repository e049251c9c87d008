/* Beats from an I2S microphone on an ESP32-S3. Written, not run: see README.md. */
#include <stdio.h>

#include "driver/i2s_std.h"
#include "esp_heap_caps.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#include "live.h"

#define SAMPLE_RATE 16000
#define HOP         128 /* samples, 8 ms */
#define PIN_CLOCK   4   /* of your board */
#define PIN_WORD    5
#define PIN_DATA    6

static i2s_chan_handle_t open_microphone(void)
{
    i2s_chan_handle_t microphone = NULL;
    i2s_chan_config_t channel = I2S_CHANNEL_DEFAULT_CONFIG(I2S_NUM_0, I2S_ROLE_MASTER);
    i2s_std_config_t mode = {
        .clk_cfg = I2S_STD_CLK_DEFAULT_CONFIG(SAMPLE_RATE),
        .slot_cfg =
            I2S_STD_PHILIPS_SLOT_DEFAULT_CONFIG(I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_MONO),
        .gpio_cfg = {.mclk = I2S_GPIO_UNUSED,
                     .bclk = PIN_CLOCK,
                     .ws = PIN_WORD,
                     .dout = I2S_GPIO_UNUSED,
                     .din = PIN_DATA},
    };
    ESP_ERROR_CHECK(i2s_new_channel(&channel, NULL, &microphone));
    ESP_ERROR_CHECK(i2s_channel_init_std_mode(microphone, &mode));
    ESP_ERROR_CHECK(i2s_channel_enable(microphone));
    return microphone;
}

/* Called from hh_live_push(): a real light would only note the sample here. */
static void tell(void *user, const HhLiveEvent *event)
{
    (void)user;
    if (event->type == HH_LIVE_BEAT)
        printf("beat %u at %.3f s, %.1f BPM, confidence %.2f\n", (unsigned)event->beat.number,
               (double)event->sample / SAMPLE_RATE, (double)event->beat.bpm,
               (double)event->beat.confidence);
}

static void listen(void *unused)
{
    (void)unused;
    static int32_t words[HOP];
    static float samples[HOP];
    HhLiveConfig config;
    hh_live_defaults(&config, SAMPLE_RATE);
    void *memory = heap_caps_aligned_alloc(HH_LIVE_ALIGNMENT, hh_live_size(&config),
                                           MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT);
    HhLive *live = hh_live_init(memory, &config, tell, NULL);
    i2s_chan_handle_t microphone = open_microphone();
    while (live != NULL) {
        size_t bytes = 0;
        if (i2s_channel_read(microphone, words, sizeof words, &bytes, portMAX_DELAY) != ESP_OK)
            continue;
        size_t count = bytes / sizeof *words;
        for (size_t n = 0; n < count; n++) samples[n] = (float)words[n] * (1.0F / 2147483648.0F);
        hh_live_push(live, samples, count);
    }
    vTaskDelete(NULL);
}

void app_main(void)
{
    xTaskCreatePinnedToCore(listen, "heihachi", 8192, NULL, 10, NULL, 1);
}
