/* report: JSON, YAML, CSV, Markdown, NPZ, plots and pages of analyses made by hand. */
#include "test.h"

#include <dirent.h>
#include <jansson.h>
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/text.h"
#include "report_builder.h"

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
    assert_int_equal(json_integer_value(json_object_get(tree, "schema_version")), HH_RESULT_SCHEMA_VERSION);
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
        assert_true(json_number_value(json_array_get(at(tree, "fingerprint", "values"), i)) == a->fingerprint.values[i]);
    assert_string_equal(json_string_value(json_array_get(at(tree, "fingerprint", "status"), 24)), "ok");
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
    assert_int_equal(hh_report_text(NULL, NULL, NULL, HH_REPORT_JSON, &one, NULL), HH_ERROR_ARGUMENT);
    assert_int_equal(hh_report_text(NULL, a, NULL, (HhReportFormat)9, &one, NULL), HH_ERROR_ARGUMENT);
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
    assert_string_equal(json_string_value(at(tree, "input", "name")), "<b>\"a\",\n\xef\xbf\xbd|*\xc3\xa9.wav");
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
    const char *comma = setlocale(LC_NUMERIC, "de_DE.UTF-8") ? "de_DE.UTF-8" : setlocale(LC_NUMERIC, "fr_FR.UTF-8");
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

static void base64_of_every_remainder(void **state)
{
    (void)state;
    static const char *const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648 */
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
    assert_int_equal(hh_report_json(context, a, NULL, in_folder("none/result.json")), HH_ERROR_WRITE);
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
    const HhReportEntry entries[] = {{in_folder("a.json"), "a/report.html"}, {in_folder("b.json"), NULL}};
    assert_int_equal(hh_report_summary_csv(context, entries, 2, in_folder("summary.csv")), HH_OK);
    char *both = read_file(in_folder("summary.csv"), NULL), *one = read_file(in_folder("a.csv"), NULL);
    char *two = read_file(in_folder("b.csv"), NULL);
    assert_memory_equal(both, one, strlen(one));
    assert_string_equal(both + strlen(one), strstr(two, "\r\n") + 2);
    free(both);
    free(one);
    free(two);
    const HhReportEntry missing = {in_folder("c.json"), NULL};
    assert_int_equal(hh_report_summary_csv(context, &missing, 1, in_folder("none.csv")), HH_ERROR_READ);
    assert_non_null(strstr(hh_context_message(context), "c.json"));
    assert_int_equal(access(in_folder("none.csv"), F_OK), -1);
    FILE *file = fopen(in_folder("c.json"), "w");
    fputs("{\"schema_version\": 999}", file);
    fclose(file);
    assert_int_equal(hh_report_summary_csv(context, &missing, 1, in_folder("none.csv")), HH_ERROR_FORMAT);
    builder_destroy(a);
    builder_destroy(bare);
    hh_context_destroy(context);
}

/* ---- memory */

static int allocations_left;

static void *counted(void *user, size_t alignment, size_t bytes)
{
    (void)user;
    if (allocations_left-- <= 0) return NULL;
    void *memory = NULL;
    return posix_memalign(&memory, HH_MAX(alignment, sizeof(void *)), HH_MAX(bytes, (size_t)1)) ? NULL : memory;
}

static void release(void *user, void *memory)
{
    (void)user;
    free(memory);
}

static void every_failing_allocation_is_survived(void **state)
{
    (void)state;
    HhAnalysis *a = builder_make(2.0, false);
    for (int format = HH_REPORT_JSON; format <= HH_REPORT_MARKDOWN; format++) {
        HhStatus status = HH_ERROR_MEMORY;
        for (int allowed = 0; status != HH_OK; allowed++) {
            assert_true(allowed < 100000);
            HhContextParams params = HH_CONTEXT_PARAMS_INIT;
            params.allocator = (HhAllocator){counted, release, NULL};
            allocations_left = 100;
            HhContext *context;
            assert_int_equal(hh_context_create(&params, &context), HH_OK);
            allocations_left = allowed;
            char *text = (char *)1;
            status = hh_report_text(context, a, NULL, (HhReportFormat)format, &text, NULL);
            assert_true(status == HH_OK || (status == HH_ERROR_MEMORY && !text));
            hh_report_text_free(context, text);
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
        cmocka_unit_test(base64_of_every_remainder),
        cmocka_unit_test_setup_teardown(files_are_whole_or_absent, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(summary_of_several_tracks, make_folder, remove_folder),
        cmocka_unit_test(every_failing_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
