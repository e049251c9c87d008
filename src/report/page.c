/* See page.h. */
#include "report/page.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "heihachi/version.h"

const char hh_page_style[] =
    ":root{color-scheme:light "
    "dark;--page:#f6f7f9;--card:#fff;--ink:#1a1f26;--muted:#5c6470;--line:#dfe3e8;"
    "--accent:#2f65b0;--cursor:#d6336c}\n"
    "@media "
    "(prefers-color-scheme:dark){:root{--page:#0d0f12;--card:#121419;--ink:#ebeff4;--muted:#a1abb8;"
    "--line:#2a2f37;--accent:#7aa7e8;--cursor:#ff6b9a}}\n"
    "*{box-sizing:border-box}[hidden]{display:none!important}\n"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "main{max-width:1248px;margin:0 auto;padding:24px}\n"
    "h1{font-size:1.75rem;line-height:1.25;margin:0 0 .15em;overflow-wrap:anywhere}\n"
    "h2{font-size:1.1rem;margin:1.6em 0 .5em}\n"
    "a{color:var(--accent)}\n"
    ".sub,.note,footer{color:var(--muted)}\n"
    ".sub{margin:0 0 20px}\n"
    ".note{font-size:.9rem;min-height:1.4em;margin:.3em 0 0}\n"
    "footer{font-size:.85rem;margin-top:32px;overflow-wrap:anywhere}\n"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(176px,1fr));gap:12px;margin:"
    "20px 0;padding:0;"
    "list-style:none}\n"
    ".cards li,.plot,.player,table{background:var(--card);border:1px solid "
    "var(--line);border-radius:10px}\n"
    ".cards li{padding:12px 16px}\n"
    ".cards span{display:block;color:var(--muted);font-size:.85rem}\n"
    ".cards b{font-size:1.55rem;font-weight:650;line-height:1.3}\n"
    ".cards b small{font-size:.9rem;font-weight:400;color:var(--muted)}\n"
    ".player{position:sticky;top:0;z-index:2;padding:10px 16px;margin:0 0 12px}\n"
    ".player audio{width:100%;display:block}\n"
    ".plot{margin:0 0 16px;overflow:hidden}\n"
    ".stack{position:relative;width:100%}\n"
    ".stack img{position:absolute;inset:0;width:100%;height:100%;display:block}\n"
    ".area{position:absolute;cursor:crosshair;overflow:hidden}\n"
    ".cursor{position:absolute;top:0;bottom:0;left:0;width:2px;margin-left:-1px;background:var(--"
    "cursor);"
    "box-shadow:0 0 0 1px #fff8;pointer-events:none}\n"
    "details{margin:16px 0}\n"
    "summary{cursor:pointer;font-weight:600}\n"
    "table{border-collapse:separate;border-spacing:0;width:100%;overflow:hidden}\n"
    ".tables{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(380px,100%),1fr));gap:"
    "0 "
    "24px;align-items:start}\n"
    "th,td{padding:7px 12px;text-align:left;border-top:1px solid var(--line);font-weight:400}\n"
    "tr:first-child>*{border-top:0}\n"
    "thead th{vertical-align:top;white-space:nowrap}\n"
    "thead "
    "small{display:block;color:var(--muted);font-size:.8rem;line-height:1.2;min-height:1.2em}\n"
    "tbody tr:first-child td{border-top:1px solid var(--line)}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td.u{color:var(--muted);font-size:.9rem}\n"
    "th button{all:unset;cursor:pointer;font-weight:600}\n"
    "th button:focus-visible{outline:2px solid var(--accent);outline-offset:3px}\n"
    "th[aria-sort=ascending] button::after{content:' \\2191'}\n"
    "th[aria-sort=descending] button::after{content:' \\2193'}\n"
    "tbody tr:hover{background:color-mix(in srgb,var(--accent) 8%,transparent)}\n"
    ".scroll{overflow-x:auto}\n"
    "td.t{overflow-wrap:anywhere;min-width:14em}\n"
    "td.t~td:not(.n){white-space:nowrap}\n"
    "td.t~td:last-child{font-size:.85rem;color:var(--muted)}\n"
    "input{font:inherit;color:inherit;background:var(--card);border:1px solid "
    "var(--line);border-radius:8px;"
    "padding:7px 12px;width:min(100%,24em);margin:0 0 14px}\n"
    "@media (max-width:760px){main{padding:16px "
    "12px}.cards{grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:8px}"
    ".cards li{padding:8px 12px}.cards b{font-size:1.25rem}"
    ".plot{overflow-x:auto}.stack{min-width:720px}}\n"
    ".player input{width:100%;margin:8px 0 0;border:0;border-radius:0;padding:0;background:none}\n"
    "@media print{.player,.area,input{display:none}.plot,.cards li{break-inside:avoid}}\n";

const char hh_page_track_script[] =
    "'use strict';\n"
    "const audio = document.querySelector('audio'), note = document.querySelector('.note');\n"
    "const length = Number(document.querySelector('main').dataset.duration);\n"
    "const cursors = [...document.querySelectorAll('.cursor')];\n"
    "const pick = document.querySelector('input'), usage = note && note.textContent;\n"
    "let playable = !!audio, at = 0;\n"
    "const clock = t => {\n"
    "    const s = Math.floor(t), two = n => String(n).padStart(2, '0');\n"
    "    const minutes = Math.floor(s / 60) % 60, hours = Math.floor(s / 3600);\n"
    "    return (hours ? hours + ':' + two(minutes) : minutes) + ':' + two(s % 60) + (length < 60 "
    "? (t % 1).toFixed(2)"
    ".slice(1) : '');\n"
    "};\n"
    "const show = t => {\n"
    "    at = t;\n"
    "    for (const c of cursors) c.style.left = 100 * Math.min(t / length, 1) + '%';\n"
    "};\n"
    "const follow = () => {\n"
    "    show(audio.currentTime);\n"
    "    if (!audio.paused) requestAnimationFrame(follow);\n"
    "};\n"
    "const seek = t => {\n"
    "    t = Math.min(Math.max(t, 0), length);\n"
    "    if (playable) audio.currentTime = t;\n"
    "    show(t);\n"
    "    if (note && !playable) note.textContent = clock(t) + ' (the audio cannot be played "
    "here)';\n"
    "};\n"
    "const lost = () => {\n"
    "    playable = false;\n"
    "    audio.hidden = true;\n"
    "    pick.hidden = false;\n"
    "    note.textContent = 'The audio cannot be played: the file has moved, or this browser does "
    "not "
    "know its format. '"
    " + 'Choose the file where it is now; the plots show the time under the pointer in any "
    "case.';\n"
    "};\n"
    "const found = () => {\n"
    "    audio.src = URL.createObjectURL(pick.files[0]);\n"
    "    playable = true;\n"
    "    audio.hidden = false;\n"
    "    pick.hidden = true;\n"
    "    note.textContent = usage;\n"
    "};\n"
    "if (audio) {\n"
    "    for (const event of ['play', 'seeking', 'seeked', 'timeupdate']) "
    "audio.addEventListener(event, follow);\n"
    "    audio.addEventListener('error', lost);\n"
    "    pick.addEventListener('change', found);\n"
    "    if (audio.error) lost();\n"
    "}\n"
    "for (const area of document.querySelectorAll('.area')) {\n"
    "    const time = e => {\n"
    "        const box = area.getBoundingClientRect();\n"
    "        return length * (e.clientX - box.left) / box.width;\n"
    "    };\n"
    "    let held = false;\n"
    "    area.addEventListener('pointerdown', e => {\n"
    "        if (e.button) return;\n"
    "        held = true;\n"
    "        area.setPointerCapture(e.pointerId);\n"
    "        seek(time(e));\n"
    "    });\n"
    "    area.addEventListener('pointermove', e => {\n"
    "        area.title = clock(Math.max(time(e), 0));\n"
    "        if (held) seek(time(e));\n"
    "    });\n"
    "    for (const event of ['pointerup', 'pointercancel']) area.addEventListener(event, () => { "
    "held = false; });\n"
    "}\n"
    "document.addEventListener('keydown', e => {\n"
    "    if (e.ctrlKey || e.altKey || e.metaKey || "
    "e.target.closest?.('input,button,summary,a,audio')) return;\n"
    "    if (e.key === ' ' && playable) {\n"
    "        e.preventDefault();\n"
    "        if (audio.paused) audio.play().catch(lost); else audio.pause();\n"
    "    } else if (e.key === 'ArrowLeft') seek(at - 5);\n"
    "    else if (e.key === 'ArrowRight') seek(at + 5);\n"
    "    else if (e.key === 'Home' && playable) { e.preventDefault(); seek(0); }\n"
    "});\n"
    "show(0);\n";

const char hh_page_index_script[] =
    "'use strict';\n"
    "const body = document.querySelector('tbody'), rows = [...body.rows], filter = "
    "document.querySelector('input');\n"
    "const heads = [...document.querySelectorAll('thead th')], count = "
    "document.querySelector('.note');\n"
    "const compare = (a, b, column, sign) => {\n"
    "    const x = a.cells[column].dataset.v, y = b.cells[column].dataset.v;\n"
    "    if (x === '' || y === '') return (x === '') - (y === '');\n"
    "    const byNumber = heads[column].classList.contains('n');\n"
    "    return sign * (byNumber ? x - y : x.localeCompare(y, undefined, {numeric: true}));\n"
    "};\n"
    "heads.forEach((head, column) => head.firstElementChild.addEventListener('click', () => {\n"
    "    const down = head.getAttribute('aria-sort') === 'ascending';\n"
    "    for (const h of heads) h.removeAttribute('aria-sort');\n"
    "    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');\n"
    "    rows.sort((a, b) => compare(a, b, column, down ? -1 : 1));\n"
    "    body.append(...rows);\n"
    "}));\n"
    "filter.addEventListener('input', () => {\n"
    "    const words = filter.value.toLowerCase().split(/\\s+/);\n"
    "    let shown = 0;\n"
    "    for (const row of rows) {\n"
    "        const text = row.textContent.toLowerCase();\n"
    "        row.hidden = !words.every(w => text.includes(w));\n"
    "        shown += !row.hidden;\n"
    "    }\n"
    "    count.textContent = shown < rows.length ? shown + ' of ' + rows.length + ' tracks' : '';\n"
    "});\n";

void hh_page_begin(HhText *text, const char *title)
{
    hh_text_put(
        text,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
        "media-src 'self' file: blob: http: https:; style-src 'unsafe-inline'; script-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"generator\" content=\"heihachi " HH_VERSION_STRING "\">\n<title>");
    hh_text_html(text, title);
    hh_text_put(text, "</title>\n<style>\n");
    hh_text_put(text, hh_page_style);
    hh_text_put(text, "</style>\n</head>\n<body>\n");
}

void hh_page_end(HhText *text, const char *script)
{
    hh_text_put(text, "</main>\n<script>\n");
    hh_text_put(text, script);
    hh_text_put(text, "</script>\n</body>\n</html>\n");
}

void hh_page_href(HhText *text, const char *href)
{
    static const char *const schemes[] = {"file:", "http:", "https:"};
    size_t before = strcspn(href, ":/?#");
    bool safe = href[before] != ':';
    for (size_t i = 0; i < HH_COUNT(schemes); i++)
        if (strncasecmp(href, schemes[i], strlen(schemes[i])) == 0) safe = true;
    hh_text_html(text, safe ? href : "#");
}

void hh_page_duration(HhText *text, double seconds)
{
    if (!isfinite(seconds) || seconds < 0.0 || seconds > 1e9) {
        hh_text_put(text, "-");
        return;
    }
    long whole = lrint(seconds);
    if (seconds < 60.0) {
        hh_text_fixed(text, seconds, 1, "");
        hh_text_put(text, " s");
    } else if (whole < 3600)
        hh_text_format(text, "%ld:%02ld", whole / 60, whole % 60);
    else
        hh_text_format(text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}
