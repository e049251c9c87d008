/* Fingerprint and normaliser files: what is accepted must be comparable with itself, and written
 * back the same. */
#include <string.h>

#include "fuzz.h"
#include "heihachi/fingerprint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file(bytes, size, ".json");
    HhFingerprint read, again;
    HhFingerprintNormaliser normaliser;
    HhFingerprintComparison comparison;
    memset(&read, 0, sizeof read);
    memset(&again, 0, sizeof again);
    if (hh_fingerprint_read(NULL, path, &read) == HH_OK) {
        if (hh_fingerprint_write(NULL, &read, path) != HH_OK ||
            hh_fingerprint_read(NULL, path, &again) != HH_OK)
            abort();
        for (int i = 0; i < HH_FP_COUNT; i++)
            if (read.status[i] != again.status[i]) abort();
        if (hh_fingerprint_compare(NULL, &read, &again, NULL, HH_FP_WEIGHTS_DEFAULT, &comparison) ==
                HH_OK &&
            !(comparison.distance <= 1e-3))
            abort();
    }
    path = fuzz_file(bytes, size, ".json");
    (void)hh_fingerprint_normaliser_read(NULL, path, &normaliser);
    (void)unlink(path);
    return 0;
}
