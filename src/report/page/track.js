'use strict';
// The page of one track: the cursor follows the audio, and the pointer and the keys move both.
const audio = document.querySelector('audio'), note = document.querySelector('.note');
const length = Number(document.querySelector('main').dataset.duration);
const cursors = [...document.querySelectorAll('.cursor')];
const pick = document.querySelector('input'), usage = note && note.textContent;
let playable = !!audio, at = 0;
const clock = t => {
    const s = Math.floor(t), two = n => String(n).padStart(2, '0');
    const minutes = Math.floor(s / 60) % 60, hours = Math.floor(s / 3600);
    const hundredths = length < 60 ? (t % 1).toFixed(2).slice(1) : '';
    return (hours ? hours + ':' + two(minutes) : minutes) + ':' + two(s % 60) + hundredths;
};
const show = t => {
    at = t;
    for (const c of cursors) c.style.left = 100 * Math.min(t / length, 1) + '%';
};
const follow = () => {
    show(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(follow);
};
const seek = t => {
    t = Math.min(Math.max(t, 0), length);
    if (playable) audio.currentTime = t;
    show(t);
    if (note && !playable) note.textContent = clock(t) + ' (the audio cannot be played here)';
};
const lost = () => {
    playable = false;
    audio.hidden = true;
    pick.hidden = false;
    note.textContent = 'The audio cannot be played: the file has moved, or this browser does not know '
        + 'its format. Choose the file where it is now; the plots show the time under the pointer in '
        + 'any case.';
};
const found = () => {
    audio.src = URL.createObjectURL(pick.files[0]);
    playable = true;
    audio.hidden = false;
    pick.hidden = true;
    note.textContent = usage;
};
if (audio) {
    for (const event of ['play', 'seeking', 'seeked', 'timeupdate'])
        audio.addEventListener(event, follow);
    audio.addEventListener('error', lost);
    pick.addEventListener('change', found);
    if (audio.error) lost();
}
for (const area of document.querySelectorAll('.area')) {
    const time = e => {
        const box = area.getBoundingClientRect();
        return length * (e.clientX - box.left) / box.width;
    };
    let held = false;
    area.addEventListener('pointerdown', e => {
        if (e.button) return;
        held = true;
        area.setPointerCapture(e.pointerId);
        seek(time(e));
    });
    area.addEventListener('pointermove', e => {
        area.title = clock(Math.max(time(e), 0));
        if (held) seek(time(e));
    });
    for (const event of ['pointerup', 'pointercancel'])
        area.addEventListener(event, () => { held = false; });
}
document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.target.closest?.('input,button,summary,a,audio')) return;
    if (e.key === ' ' && playable) {
        e.preventDefault();
        if (audio.paused) audio.play().catch(lost); else audio.pause();
    } else if (e.key === 'ArrowLeft') seek(at - 5);
    else if (e.key === 'ArrowRight') seek(at + 5);
    else if (e.key === 'Home' && playable) { e.preventDefault(); seek(0); }
});
show(0);
