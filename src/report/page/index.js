'use strict';
// The page of several tracks: sorts by a click on a heading, filters by what is typed.
const body = document.querySelector('tbody'), rows = [...body.rows];
const filter = document.querySelector('input');
const heads = [...document.querySelectorAll('thead th')], count = document.querySelector('.note');
const compare = (a, b, column, sign) => {
    const x = a.cells[column].dataset.v, y = b.cells[column].dataset.v;
    if (x === '' || y === '') return (x === '') - (y === '');
    const byNumber = heads[column].classList.contains('n');
    return sign * (byNumber ? x - y : x.localeCompare(y, undefined, {numeric: true}));
};
heads.forEach((head, column) => head.firstElementChild.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const h of heads) h.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    rows.sort((a, b) => compare(a, b, column, down ? -1 : 1));
    body.append(...rows);
}));
filter.addEventListener('input', () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(w => text.includes(w));
        shown += !row.hidden;
    }
    count.textContent = shown < rows.length ? shown + ' of ' + rows.length + ' tracks' : '';
});
