/* The texts that name features: `--features` of process, `--feature` of features. Run with
 * -close_fd_mask=2: it prints many messages. */
#include <string.h>

#include "../cli/feature_table.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static FeatureRequest request;
    unsigned features;
    char *text = malloc(size + 1);
    if (!text) abort();
    memcpy(text, bytes, size);
    text[size] = '\0';
    (void)hh_features_parse(NULL, text, &features);
    (void)cli_feature_parse(text, &request);
    free(text);
    return 0;
}
