/* report: JSON, YAML, CSV, Markdown, NPZ, plots and pages of analyses made by hand. */
#include "test.h"

#include <dirent.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "report/canvas.h"
#include "report/colormap.h"
#include "report/svg.h"
#include "report_builder.h"

/* Fontconfig keeps its configuration until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static char *render(const HhAnalysis *analysis, const HhReportRun *run, HhReportFormat format)
{
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(hh_report_text(NULL, analysis, run, format, &text, &length), HH_OK);
    assert_int_equal(strlen(text), length);
    return text;
}

static json_t *parse(const HhAnalysis *analysis)
{
    char *text = render(analysis, NULL, HH_REPORT_JSON);
    json_t *tree = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(tree);
    hh_report_text_free(NULL, text);
    return tree;
}

static const json_t *at(const json_t *tree, const char *group, const char *name)
{
    return json_object_get(json_object_get(tree, group), name);
}

static void json_holds_the_analysis(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(20.0, false);
    json_t *tree = parse(a);
    assert_int_equal(json_integer_value(json_object_get(tree, "schema_version")),
                     HH_RESULT_SCHEMA_VERSION);
    assert_true(json_real_value(at(tree, "loudness", "integrated_lufs")) == -8.4);
    assert_true(json_real_value(at(tree, "rhythm", "tempo_bpm")) == 174.0);
    assert_int_equal(json_array_size(at(tree, "rhythm", "beats_s")), a->rhythm.beats);
    for (size_t i = 0; i < a->rhythm.beats; i++) {
        double got = json_number_value(json_array_get(at(tree, "rhythm", "beats_s"), i));
        assert_true(fabs(got - a->rhythm.beats_s[i]) <= 1e-11 * a->rhythm.beats_s[i]);
    }
    assert_string_equal(json_string_value(at(tree, "harmony", "key")), "A minor");
    assert_true(json_is_null(at(tree, "pitch", "voiced_share")));
    for (size_t i = 0; i < HH_FP_COUNT; i++)
        assert_true(json_number_value(json_array_get(at(tree, "fingerprint", "values"), i)) ==
                    a->fingerprint.values[i]);
    assert_string_equal(json_string_value(json_array_get(at(tree, "fingerprint", "status"), 24)),
                        "ok");
    assert_int_equal(json_array_size(json_object_get(tree, "series")), a->series_count);
    assert_true(json_is_null(json_object_get(tree, "run")));
    json_decref(tree);
    builder_destroy(a);
}

static void unknown_is_null(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make_bare();
    json_t *tree = parse(a);
    assert_true(json_is_null(at(tree, "loudness", "integrated_lufs")));
    assert_true(json_is_null(at(tree, "rhythm", "beats_s")));
    assert_true(json_is_null(at(tree, "input", "hash")));
    assert_true(json_is_null(json_object_get(tree, "fingerprint")));
    assert_string_equal(json_string_value(at(tree, "harmony", "key")), "unknown");
    json_decref(tree);
    a->features |= HH_FEATURE_RHYTHM; /* asked for, nothing found */
    tree = parse(a);
    assert_int_equal(json_array_size(at(tree, "rhythm", "onsets_s")), 0);
    assert_true(json_is_array(at(tree, "rhythm", "onsets_s")));
    json_decref(tree);
    builder_destroy(a);
}

/* Two runs differ under `run` alone, and the rest is byte for byte the same. */
static void only_run_depends_on_the_clock(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(5.0, false);
    HhReportRun run;
    hh_report_run_defaults(&run);
    run.started = "2026-01-31T12:00:00Z";
    run.seconds = 0.5;
    run.threads = 3;
    char *one = render(a, &run, HH_REPORT_JSON), *two = render(a, NULL, HH_REPORT_JSON);
    char *end = strstr(one, "\"run\": {");
    assert_non_null(end);
    assert_memory_equal(one, two, (size_t)(end - one));
    assert_string_equal(two + (end - one), "\"run\": null\n}\n");
    hh_report_text_free(NULL, one);
    hh_report_text_free(NULL, two);
    run.size = 4;
    assert_int_equal(hh_report_text(NULL, a, &run, HH_REPORT_JSON, &one, NULL), HH_ERROR_ARGUMENT);
    assert_null(one);
    assert_int_equal(hh_report_text(NULL, NULL, NULL, HH_REPORT_JSON, &one, NULL),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_report_text(NULL, a, NULL, (HhReportFormat)9, &one, NULL),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_report_text(NULL, a, NULL, HH_REPORT_JSON, NULL, NULL), HH_ERROR_ARGUMENT);
    builder_destroy(a);
}

static void strange_names_survive(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make_bare();
    free(a->input.path);
    a->input.path = strdup("x/<b>\"a\",\n\xff|*\xc3\xa9.wav");
    json_t *tree = parse(a);
    assert_string_equal(json_string_value(at(tree, "input", "name")),
                        "<b>\"a\",\n\xef\xbf\xbd|*\xc3\xa9.wav");
    json_decref(tree);
    char *csv = render(a, NULL, HH_REPORT_CSV);
    assert_non_null(strstr(csv, "\r\n\"x/<b>\"\"a\"\",\n\xef\xbf\xbd|*\xc3\xa9.wav\","));
    hh_report_text_free(NULL, csv);
    char *markdown = render(a, NULL, HH_REPORT_MARKDOWN);
    assert_memory_equal(markdown, "# &lt;b\\>\"a\", \xef\xbf\xbd\\|\\*\xc3\xa9.wav\n", 28);
    hh_report_text_free(NULL, markdown);
    builder_destroy(a);
}

/* Fields of a CSV line without quotes. */
static size_t fields_of(const char *line)
{
    size_t fields = 1;
    for (; *line && *line != '\r'; line++) fields += *line == ',';
    return fields;
}

static const char *second_line(const char *text)
{
    size_t first = strcspn(text, "\n");
    assert_true(text[first] == '\n');
    return text + first + 1;
}

static void csv_is_a_header_and_a_row(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(20.0, false), *bare = builder_make_bare();
    free(bare->input.format);
    bare->input.format = strdup("raw"); /* the only field that would be quoted */
    char *full = render(a, NULL, HH_REPORT_CSV), *empty = render(bare, NULL, HH_REPORT_CSV);
    const char *row = second_line(full);
    assert_non_null(strstr(full, "input.path,input.name"));
    assert_non_null(strstr(full, ",fingerprint.loudness [LUFS],"));
    assert_non_null(strstr(full, ",harmony.chroma.F#,"));
    assert_int_equal(fields_of(full), fields_of(second_line(empty)));
    assert_non_null(strstr(row, ",58,116,A minor,"));
    hh_report_text_free(NULL, full);
    hh_report_text_free(NULL, empty);
    builder_destroy(a);
    builder_destroy(bare);
}

static void numbers_do_not_follow_the_locale(void **state)
{
    (void)state;
    HhText text = HH_TEXT_INIT(NULL);
    hh_text_number(&text, -1234.5678, 6);
    hh_text_put(&text, " ");
    hh_text_number(&text, 1e-9, 6);
    hh_text_put(&text, " ");
    hh_text_number(&text, (double)NAN, 6);
    hh_text_fixed(&text, -0.04, 1, "-");
    hh_text_put(&text, " ");
    hh_text_fixed(&text, (double)INFINITY, 1, "-");
    assert_string_equal(text.data, "-1234.57 1e-09 0.0 -");
    hh_text_free(&text);
    const char *comma =
        setlocale(LC_NUMERIC, "de_DE.UTF-8") ? "de_DE.UTF-8" : setlocale(LC_NUMERIC, "fr_FR.UTF-8");
    hh_text_fixed(&text, 3.25, 2, "-");
    assert_string_equal(text.data, "3.25");
    hh_text_free(&text);
    HhAnalysis *a = builder_make_bare();
    json_t *tree = parse(a);
    assert_true(json_real_value(at(tree, "input", "duration_s")) == 0.5);
    json_decref(tree);
    builder_destroy(a);
    if (comma) setlocale(LC_NUMERIC, "C");
}

/* The scalar at GROUP.NAME of a YAML document. */
static const yaml_node_t *yaml_at(yaml_document_t *document, const char *group, const char *name)
{
    const yaml_node_t *node = yaml_document_get_root_node(document);
    const char *const keys[] = {group, name};
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(node->type, YAML_MAPPING_NODE);
        const yaml_node_t *found = NULL;
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
             p++)
            if (strcmp((char *)yaml_document_get_node(document, p->key)->data.scalar.value,
                       keys[k]) == 0)
                found = yaml_document_get_node(document, p->value);
        assert_non_null(found);
        node = found;
    }
    return node;
}

static void yaml_is_the_same_tree(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(5.0, false);
    a->rhythm.tempo_bpm = 1e-7; /* a float without a point would be a text to YAML 1.1 */
    free(a->input.path);
    a->input.path = strdup("null");
    char *text = render(a, NULL, HH_REPORT_YAML);
    yaml_parser_t parser;
    yaml_document_t document;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    assert_true(yaml_parser_load(&parser, &document));
    assert_string_equal((char *)yaml_at(&document, "rhythm", "tempo_bpm")->data.scalar.value,
                        "1.0e-07");
    assert_string_equal((char *)yaml_at(&document, "pitch", "voiced_share")->data.scalar.value,
                        "null");
    assert_int_equal(yaml_at(&document, "pitch", "voiced_share")->data.scalar.style,
                     YAML_PLAIN_SCALAR_STYLE);
    assert_int_equal(yaml_at(&document, "input", "name")->data.scalar.style,
                     YAML_DOUBLE_QUOTED_SCALAR_STYLE);
    const yaml_node_t *beats = yaml_at(&document, "rhythm", "beats_s");
    assert_int_equal(beats->data.sequence.items.top - beats->data.sequence.items.start,
                     a->rhythm.beats);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    hh_report_text_free(NULL, text);
    builder_destroy(a);
}

static void base64_of_every_remainder(void **state)
{
    (void)state;
    static const char *const expected[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                           "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648 */
    for (size_t i = 0; i < HH_COUNT(expected); i++) {
        HhText text = HH_TEXT_INIT(NULL);
        hh_text_base64(&text, "foobar", i);
        assert_string_equal(text.data, expected[i]);
        hh_text_free(&text);
    }
}

/* ---- files */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/heihachi-report-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static const char *in_folder(const char *name)
{
    static char path[16][256];
    static int turn;
    turn = (turn + 1) % 16;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    assert_true(size >= 0);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    bytes[size] = '\0';
    fclose(file);
    if (length) *length = (size_t)size;
    return bytes;
}

static size_t files_in_folder(void)
{
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    size_t files = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        files += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(listing);
    return files;
}

static void files_are_whole_or_absent(void **state)
{
    (void)state;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    HhAnalysis *a = builder_make(5.0, false);
    assert_int_equal(hh_report_json(context, a, NULL, in_folder("result.json")), HH_OK);
    char *text = render(a, NULL, HH_REPORT_JSON), *file = read_file(in_folder("result.json"), NULL);
    assert_string_equal(text, file);
    hh_report_text_free(NULL, text);
    free(file);
    assert_int_equal(hh_report_json(context, a, NULL, in_folder("none/result.json")),
                     HH_ERROR_WRITE);
    assert_non_null(strstr(hh_context_message(context), "none/result.json"));
    /* The target is a folder: the rename fails, and the temporary file goes. */
    assert_int_equal(mkdir(in_folder("taken"), 0777), 0);
    assert_int_equal(hh_report_csv(context, a, in_folder("taken")), HH_ERROR_WRITE);
    assert_int_equal(rmdir(in_folder("taken")), 0);
    assert_int_equal(hh_report_csv(context, a, ""), HH_ERROR_ARGUMENT);
    assert_int_equal(files_in_folder(), 1);
    builder_destroy(a);
    hh_context_destroy(context);
}

static void summary_of_several_tracks(void **state)
{
    (void)state;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    HhAnalysis *a = builder_make(5.0, false), *bare = builder_make_bare();
    assert_int_equal(hh_report_json(context, a, NULL, in_folder("a.json")), HH_OK);
    assert_int_equal(hh_report_json(context, bare, NULL, in_folder("b.json")), HH_OK);
    assert_int_equal(hh_report_csv(context, a, in_folder("a.csv")), HH_OK);
    assert_int_equal(hh_report_csv(context, bare, in_folder("b.csv")), HH_OK);
    const HhReportEntry entries[] = {{in_folder("a.json"), "a/report.html"},
                                     {in_folder("b.json"), NULL}};
    assert_int_equal(hh_report_summary_csv(context, entries, 2, in_folder("summary.csv")), HH_OK);
    char *both = read_file(in_folder("summary.csv"), NULL),
         *one = read_file(in_folder("a.csv"), NULL);
    char *two = read_file(in_folder("b.csv"), NULL);
    assert_memory_equal(both, one, strlen(one));
    assert_string_equal(both + strlen(one), strstr(two, "\r\n") + 2);
    free(both);
    free(one);
    free(two);
    const HhReportEntry missing = {in_folder("c.json"), NULL};
    assert_int_equal(hh_report_summary_csv(context, &missing, 1, in_folder("none.csv")),
                     HH_ERROR_READ);
    assert_non_null(strstr(hh_context_message(context), "c.json"));
    assert_int_equal(access(in_folder("none.csv"), F_OK), -1);
    FILE *file = fopen(in_folder("c.json"), "w");
    fputs("{\"schema_version\": 999}", file);
    fclose(file);
    assert_int_equal(hh_report_summary_csv(context, &missing, 1, in_folder("none.csv")),
                     HH_ERROR_FORMAT);
    builder_destroy(a);
    builder_destroy(bare);
    hh_context_destroy(context);
}

/* ---- plots */

static uint32_t big_endian(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void colors_rise_in_equal_steps(void **state)
{
    (void)state;
    uint32_t colors[256];
    hh_colormap(colors);
    for (int i = 0; i < 256; i++) {
        /* Half a step of an 8-bit channel moves the lightness by less than 0.004. */
        double expected = 0.16 + 0.80 * i / 255.0;
        assert_true(fabs(hh_colormap_lightness(colors[i]) - expected) < 0.004);
        assert_int_equal(colors[i] >> 24, 255);
    }
}

static void ticks_are_round_and_apart(void **state)
{
    (void)state;
    static const struct {
        HhAxis axis;
        double length, spacing;
        const char *labels;
    } cases[] = {
        {{HH_SCALE_LINEAR, HH_AXIS_TIME, 0, 0.5}, 990, 180, "0.0 0.1 0.2 0.3 0.4 0.5 "},
        {{HH_SCALE_LINEAR, HH_AXIS_TIME, 0, 184.3},
         990,
         150,
         "0:00 0:30 1:00 1:30 2:00 2:30 3:00 "},
        {{HH_SCALE_LINEAR, HH_AXIS_TIME, 0, 7265},
         990,
         200,
         "0:00:00 0:30:00 1:00:00 1:30:00 2:00:00 "},
        {{HH_SCALE_LOG, HH_AXIS_HERTZ, 20, 20000}, 400, 22, "20 50 100 200 500 1k 2k 5k 10k 20k "},
        {{HH_SCALE_LOG, HH_AXIS_HERTZ, 20, 20000}, 400, 60, "20 100 500 2k 10k "},
        {{HH_SCALE_MEL, HH_AXIS_HERTZ, 0, 22050}, 400, 22, "0 250 500 1k 2k 4k 8k 16k "},
        {{HH_SCALE_LOG, HH_AXIS_BPM, 30, 320}, 400, 22, "30 40 60 80 120 160 240 320 "},
        {{HH_SCALE_LINEAR, HH_AXIS_PITCH_CLASS, 0, 12}, 400, 22, "C C# D D# E F F# G G# A A# B "},
        {{HH_SCALE_LINEAR, HH_AXIS_NUMBER, -1, 1}, 220, 44, "-1.0 -0.5 0.0 0.5 1.0 "},
        {{HH_SCALE_LINEAR, HH_AXIS_NUMBER, -80, -3}, 400, 80, "-80 -60 -40 -20 "},
    };
    for (size_t c = 0; c < HH_COUNT(cases); c++) {
        HhTick ticks[HH_TICKS_MAX];
        char labels[256] = "";
        size_t count = hh_axis_ticks(&cases[c].axis, cases[c].length, cases[c].spacing, ticks);
        for (size_t i = 0; i < count; i++) {
            assert_true(ticks[i].share > -1e-6 && ticks[i].share < 1 + 1e-6);
            if (i)
                assert_true((ticks[i].share - ticks[i - 1].share) * cases[c].length >=
                            cases[c].spacing);
            strcat(strcat(labels, ticks[i].label), " ");
        }
        assert_string_equal(labels, cases[c].labels);
        for (double share = 0.0; share <= 1.0; share += 0.125)
            assert_true(fabs(hh_axis_share(&cases[c].axis, hh_axis_value(&cases[c].axis, share)) -
                             share) < 1e-9);
    }
}

static void plots_of_short_and_long_tracks(void **state)
{
    (void)state;
    static const double durations[] = {0.5, 7265.0};
    for (size_t d = 0; d < HH_COUNT(durations); d++) {
        HhAnalysis *a = builder_make(durations[d], true);
        unsigned drawn = 0;
        assert_int_equal(hh_report_plots(NULL, a, NULL, in_folder("plots"), &drawn), HH_OK);
        assert_int_equal(drawn, HH_PLOTS_ALL);
        for (int i = 0; i < HH_PLOT_COUNT; i++) {
            char name[64];
            snprintf(name, sizeof name, "plots/%s.png", hh_report_plot_name(i));
            size_t length;
            char *png = read_file(in_folder(name), &length);
            assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
            assert_int_equal(big_endian(png + 16), 1200);
            assert_memory_equal(png + length - 8, "IEND", 4);
            free(png);
            snprintf(name, sizeof name, "plots/%s.svg", hh_report_plot_name(i));
            char *svg = read_file(in_folder(name), &length);
            assert_non_null(strstr(svg, "<svg"));
            assert_non_null(strstr(svg + length - 10, "</svg>"));
            free(svg);
        }
        builder_destroy(a);
    }
    assert_null(hh_report_plot_name(-1));
    assert_null(hh_report_plot_name(HH_PLOT_COUNT));
}

static void plots_without_data_are_left_out(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(3.0, false), *bare = builder_make_bare();
    HhReportPlotParams params;
    hh_report_plot_defaults(&params);
    params.svg = false;
    params.scale = 0.5;
    unsigned drawn = 0;
    assert_int_equal(hh_report_plots(NULL, a, &params, in_folder("plots"), &drawn), HH_OK);
    assert_int_equal(drawn, HH_PLOT_WAVEFORM | HH_PLOT_CHROMA | HH_PLOT_ONSET | HH_PLOT_RADAR);
    char *png = read_file(in_folder("plots/waveform.png"), NULL);
    assert_int_equal(big_endian(png + 16), 600);
    free(png);
    assert_int_equal(access(in_folder("plots/mel.png"), F_OK), -1);
    assert_int_equal(access(in_folder("plots/waveform.svg"), F_OK), -1);
    assert_int_equal(hh_report_plots(NULL, bare, &params, in_folder("plots"), &drawn), HH_OK);
    assert_int_equal(drawn, 0);
    params.scale = 100.0;
    assert_int_equal(hh_report_plots(NULL, a, &params, in_folder("plots"), &drawn),
                     HH_ERROR_ARGUMENT);
    assert_int_equal(hh_report_plots(NULL, a, NULL, in_folder("none/plots"), &drawn),
                     HH_ERROR_WRITE);
    builder_destroy(a);
    builder_destroy(bare);
}

/* Silence and nonsense in the images: a picture, and no crash. */
static void plots_of_strange_values(void **state)
{
    (void)state;
    static const float values[] = {-INFINITY, NAN, 0.0f, 1e30f};
    for (size_t v = 0; v < HH_COUNT(values); v++) {
        HhAnalysis *a = builder_make(1.0, true);
        for (size_t i = 0; i < a->image_count; i++)
            for (size_t k = 0; k < a->images[i].columns * a->images[i].rows; k++)
                a->images[i].values[k] = values[v];
        for (size_t i = 0; i < a->series_count; i++)
            for (size_t k = 0; k < hh_array_count(&a->series[i].values); k++)
                ((float *)a->series[i].values.data)[k] = values[v];
        for (int i = 0; i < HH_FP_COUNT; i++) a->fingerprint.values[i] = (double)values[v];
        unsigned drawn = 0;
        HhReportPlotParams params;
        hh_report_plot_defaults(&params);
        params.scale = 0.25;
        assert_int_equal(hh_report_plots(NULL, a, &params, in_folder("plots"), &drawn), HH_OK);
        assert_int_equal(drawn, HH_PLOTS_ALL);
        builder_destroy(a);
    }
}

/* The colour of a heat map at the place of a loud partial differs from that of silence above it. */
static void heat_stands_where_the_axis_says(void **state)
{
    (void)state;
    float values[4 * 100];
    for (int c = 0; c < 4; c++)
        for (int r = 0; r < 100; r++) values[100 * c + r] = c == 2 && r == 50 ? 1.0f : 0.0f;
    HhImage image = {"x", "", 4, 100, values, 0.25, 20.0, 20000.0, true};
    HhAxis x = {HH_SCALE_LINEAR, HH_AXIS_TIME, 0.0, 1.0},
           y = {HH_SCALE_LOG, HH_AXIS_HERTZ, 20.0, 20000.0};
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 400, 1000);
    HhCanvas canvas = {NULL, cairo_create(surface), &hh_theme_light, HH_LAYER_ALL, 1000.0, 1.0,
                       false};
    hh_canvas_heat(&canvas, (HhRect){0, 0, 400, 1000}, &x, &y, &image, &y, 0.0, 1.0);
    cairo_destroy(canvas.cr);
    cairo_surface_flush(surface);
    uint32_t colors[256];
    hh_colormap(colors);
    const unsigned char *pixels = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int line = 0; line < 1000; line++)
        for (int column = 0; column < 400; column++) {
            uint32_t got;
            memcpy(&got, pixels + line * stride + 4 * column, sizeof got);
            bool loud = column / 100 == 2 && (999 - line) / 10 == 50;
            assert_int_equal(got & 0xffffff, colors[loud ? 255 : 0] & 0xffffff);
        }
    cairo_surface_destroy(surface);
}

static void svg_numbers_are_its_own(void **state)
{
    (void)state;
    HhText document = HH_TEXT_INIT(NULL), out = HH_TEXT_INIT(NULL);
    hh_text_put(&document, "<g id=\"surface86\"><a href=\"#image12\"/><image id=\"image12\"/><g "
                           "fill=\"url(#source-7)\"/>"
                           "<g id=\"glyph0-1\" style=\"image\">image99</g>");
    hh_svg_renumber(&out, &document);
    assert_string_equal(
        out.data,
        "<g id=\"surface0\"><a href=\"#image1\"/><image id=\"image1\"/><g fill=\"url(#source-2)\"/>"
        "<g id=\"glyph0-1\" style=\"image\">image99</g>");
    hh_text_free(&document);
    hh_text_free(&out);
}

/* ---- pages */

static char *page_of(const HhAnalysis *analysis, const char *href)
{
    assert_int_equal(hh_report_html(NULL, analysis, NULL, href, in_folder("report.html")), HH_OK);
    return read_file(in_folder("report.html"), NULL);
}

static size_t times_in(const char *text, const char *word)
{
    size_t times = 0;
    for (const char *found = text; (found = strstr(found, word)) != NULL; found += strlen(word))
        times++;
    return times;
}

static void page_of_a_track(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(3.0, true);
    char *page = page_of(a, "./a%20b.wav");
    assert_int_equal(times_in(page, "<figure"), HH_PLOT_COUNT);
    assert_int_equal(times_in(page, "class=\"area\""), HH_PLOT_COUNT - 1);
    assert_int_equal(times_in(page, "<audio controls preload=\"metadata\" src=\"./a%20b.wav\">"),
                     1);
    assert_non_null(strstr(page, "<main data-duration=\"3\">"));
    assert_non_null(strstr(page, ">174.00 <small>BPM</small>"));
    /* Nothing from outside: the only addresses are pictures, the audio and the schemes in the
     * policy. */
    assert_int_equal(times_in(page, "src="), 2 * HH_PLOT_COUNT + 1);
    assert_int_equal(times_in(page, "src=\"data:image/"), 2 * HH_PLOT_COUNT);
    assert_int_equal(times_in(page, "srcset=\"data:image/svg+xml;base64,"), HH_PLOT_COUNT);
    assert_int_equal(times_in(page, "://"), 0);
    free(page);
    builder_destroy(a);
    HhAnalysis *bare = builder_make_bare();
    page = page_of(bare, NULL);
    assert_int_equal(times_in(page, "<figure"), 0);
    assert_int_equal(times_in(page, "<audio"), 0);
    assert_null(strstr(page, "nan"));
    free(page);
    builder_destroy(bare);
}

static void pages_are_safe_from_names(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make_bare();
    free(a->input.path);
    free(a->input.format);
    a->input.path = strdup("x/\"><script>alert(1)<!--'\xfe");
    a->input.format = strdup("<img src=x onerror=alert(1)>");
    char *page = page_of(a, "javascript:alert(1)");
    assert_int_equal(times_in(page, "<script>"), 1);
    assert_int_equal(times_in(page, "<img"), 0);
    assert_int_equal(times_in(page, "<!--"), 0);
    assert_non_null(
        strstr(page, "<h1>&quot;&gt;&lt;script&gt;alert(1)&lt;!--&#39;\xef\xbf\xbd</h1>"));
    assert_non_null(strstr(page, "src=\"#\""));
    free(page);
    assert_int_equal(hh_report_json(NULL, a, NULL, in_folder("result.json")), HH_OK);
    const HhReportEntry entries[] = {{in_folder("result.json"), "\"><script>"},
                                     {in_folder("result.json"), NULL}};
    assert_int_equal(hh_report_index_html(NULL, entries, 2, in_folder("index.html")), HH_OK);
    page = read_file(in_folder("index.html"), NULL);
    assert_int_equal(times_in(page, "<script>"), 1);
    assert_int_equal(times_in(page, "<img"), 0);
    assert_int_equal(times_in(page, "<tr>"), 3);
    assert_int_equal(times_in(page, "<a "), 1);
    free(page);
    assert_int_equal(hh_report_index_html(NULL, NULL, 0, in_folder("index.html")), HH_OK);
    assert_int_equal(hh_report_index_html(NULL, NULL, 1, in_folder("index.html")),
                     HH_ERROR_ARGUMENT);
    builder_destroy(a);
}

static void addresses(void **state)
{
    (void)state;
    static const struct {
        const char *path, *href;
    } cases[] = {
        {"/music/a b#1?.flac", "file:///music/a%20b%231%3F.flac"},
        {"../100%/\xc3\xa9.wav", "./../100%25/%C3%A9.wav"},
        {"javascript:alert(1)", "./javascript%3Aalert%281%29"},
    };
    for (size_t i = 0; i < HH_COUNT(cases); i++) {
        char *href;
        assert_int_equal(hh_report_href(NULL, cases[i].path, &href), HH_OK);
        assert_string_equal(href, cases[i].href);
        hh_report_text_free(NULL, href);
    }
    char *href = (char *)1;
    assert_int_equal(hh_report_href(NULL, "", &href), HH_ERROR_ARGUMENT);
    assert_null(href);
}

/* The same bytes each time, for everything that has no `run`. */
static void reports_are_reproducible(void **state)
{
    (void)state;
    static const char *const names[] = {"plots/spectrogram.png", "plots/hpss.svg",
                                        "plots/fingerprint.svg", "report.html"};
    HhAnalysis *a = builder_make(2.0, true);
    char *first[HH_COUNT(names)];
    size_t lengths[HH_COUNT(names)], length;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(hh_report_plots(NULL, a, NULL, in_folder("plots"), NULL), HH_OK);
        assert_int_equal(hh_report_html(NULL, a, NULL, "x.wav", in_folder("report.html")), HH_OK);
        for (size_t i = 0; i < HH_COUNT(names); i++) {
            if (round == 0)
                first[i] = read_file(in_folder(names[i]), &lengths[i]);
            else {
                char *again = read_file(in_folder(names[i]), &length);
                assert_int_equal(length, lengths[i]);
                assert_memory_equal(again, first[i], length);
                free(again);
                free(first[i]);
            }
        }
    }
    builder_destroy(a);
}

/* /dev/full takes the name of no report, but a folder without room looks the same to the writer:
 * write() fails. */
static void full_disk_is_an_error(void **state)
{
    (void)state;
    HhContext *context;
    assert_int_equal(hh_context_create(NULL, &context), HH_OK);
    HhAnalysis *a = builder_make(2.0, true);
    struct rlimit old, small = {2000, RLIM_INFINITY};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small.rlim_max = old.rlim_max;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    HhStatus json = hh_report_json(context, a, NULL, in_folder("result.json"));
    char message[512];
    snprintf(message, sizeof message, "%s", hh_context_message(context));
    HhStatus page = hh_report_html(context, a, NULL, NULL, in_folder("report.html"));
    HhStatus plots = hh_report_plots(context, a, NULL, folder, NULL);
    HhStatus arrays = hh_report_npz(context, a, in_folder("features.npz"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(json, HH_ERROR_WRITE);
    assert_non_null(strstr(message, "result.json"));
    assert_int_equal(page, HH_ERROR_WRITE);
    assert_int_equal(plots, HH_ERROR_WRITE);
    assert_int_equal(arrays, HH_ERROR_WRITE);
    assert_int_equal(files_in_folder(), 0);
    builder_destroy(a);
    hh_context_destroy(context);
}

/* ---- memory */

static int allocations_left;

static void *counted(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    if (allocations_left-- <= 0) return NULL;
    void *memory = NULL;
    return posix_memalign(&memory, HH_MAX(alignment, sizeof(void *)), HH_MAX(bytes, (size_t)1))
               ? NULL
               : memory;
}

static void release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

/* Report `which` of the analysis: one of the texts, or one of the files. */
static HhStatus produce(HhContext *context, const HhAnalysis *a, int which)
{
    if (which == 4) return hh_report_html(context, a, NULL, "x.wav", in_folder("report.html"));
    if (which == 5) return hh_report_plots(context, a, NULL, in_folder("plots"), NULL);
    if (which == 6) return hh_report_npz(context, a, in_folder("features.npz"));
    char *text = (char *)1;
    HhStatus status = hh_report_text(context, a, NULL, (HhReportFormat)which, &text, NULL);
    assert_true(status == HH_OK || !text);
    hh_report_text_free(context, text);
    return status;
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(0.3, false);
    for (int which = 0; which <= 6; which++) {
        HhStatus status = HH_ERROR_MEMORY;
        /* Every allocation of the first fifty, then some: a page of plots makes hundreds. */
        for (int allowed = 0; status != HH_OK; allowed += allowed < 50 ? 1 : 37) {
            assert_true(allowed < 100000);
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.allocator = (HhAllocator){counted, release, NULL};
            allocations_left = 100;
            HhContext *context;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            allocations_left = allowed;
            status = produce(context, a, which);
            assert_true(status == HH_OK || status == HH_ERROR_MEMORY);
            hh_context_destroy(context);
        }
    }
    builder_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_holds_the_analysis),
        cmocka_unit_test(unknown_is_null),
        cmocka_unit_test(only_run_depends_on_the_clock),
        cmocka_unit_test(strange_names_survive),
        cmocka_unit_test(csv_is_a_header_and_a_row),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
        cmocka_unit_test(yaml_is_the_same_tree),
        cmocka_unit_test(base64_of_every_remainder),
        cmocka_unit_test_setup_teardown(files_are_whole_or_absent, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(summary_of_several_tracks, make_folder, remove_folder),
        cmocka_unit_test(colors_rise_in_equal_steps),
        cmocka_unit_test(ticks_are_round_and_apart),
        cmocka_unit_test_setup_teardown(plots_of_short_and_long_tracks, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(plots_without_data_are_left_out, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(plots_of_strange_values, make_folder, remove_folder),
        cmocka_unit_test(heat_stands_where_the_axis_says),
        cmocka_unit_test(svg_numbers_are_its_own),
        cmocka_unit_test_setup_teardown(page_of_a_track, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(pages_are_safe_from_names, make_folder, remove_folder),
        cmocka_unit_test(addresses),
        cmocka_unit_test_setup_teardown(reports_are_reproducible, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(full_disk_is_an_error, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(every_failing_allocation_is_survived, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
