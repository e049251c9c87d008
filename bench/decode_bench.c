/* CPU seconds that libsndfile needs to decode a file and do nothing with it: decode_bench FILE. */
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    SF_INFO info = {0};
    SNDFILE *file = argc == 2 ? sf_open(argv[1], SFM_READ, &info) : NULL;
    if (!file) {
        fprintf(stderr, "usage: decode_bench FILE\n");
        return 2;
    }
    float *block = malloc(sizeof *block * 65536 * (size_t)info.channels);
    struct timespec start, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    while (block && sf_readf_float(file, block, 65536) > 0) {
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    printf("%.6f\n",
           (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
    free(block);
    sf_close(file);
    return 0;
}
