// What is wrong with the page, one sentence each: the body of a function that accessibility_test.py runs in it.
const wrong = [];
const visible = (e) => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && e.getClientRects().length > 0;
const what = (e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''} "${(e.textContent || '').slice(0, 30)}"`;
const nameOf = (e) => e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.title || e.textContent.trim();

for (const e of document.querySelectorAll('button, a[href], input, select, textarea, [role=listbox], [role=region]')) {
  if (visible(e) && !nameOf(e)) wrong.push('has no name: ' + what(e));
}
for (const e of document.querySelectorAll('svg[role=img]')) {
  if (!e.getAttribute('aria-label')) wrong.push('a picture without a name: ' + what(e));
}
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('twice the same id: ' + id);
for (const e of document.querySelectorAll('[aria-controls], [aria-activedescendant]')) {
  for (const name of ['aria-controls', 'aria-activedescendant']) {
    const id = e.getAttribute(name);
    if (id && !document.getElementById(id) && name === 'aria-controls') wrong.push(`${name} names nothing: ${id}`);
  }
}
if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title) wrong.push('no title');

// Targets of at least 24 by 24 (2.5.8); what stands in a line of text is exempt, and native boxes are their labels'.
for (const e of document.querySelectorAll('button, a[href], select, input:not([type=checkbox])')) {
  const box = e.getBoundingClientRect();
  const inText = getComputedStyle(e).display.startsWith('inline') && !getComputedStyle(e).display.includes('flex');
  if (visible(e) && !inText && box.width > 0 && (box.width < 23.5 || box.height < 23.5)) {
    wrong.push(`a target of ${Math.round(box.width)}x${Math.round(box.height)}: ` + what(e));
  }
}

// Contrast of every text against what lies below it (1.4.3): 4.5, or 3 for large text.
const parse = (text) => {
  const [r, g, b, a] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  return {r, g, b, a: a ?? 1};
};
const over = (top, below) => ({r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
                               b: top.b * top.a + below.b * (1 - top.a), a: 1});
const ground = (e) => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color.a > 0) layers.push(color);
    if (color.a === 1) break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), {r: 255, g: 255, b: 255, a: 1});
};
const luminance = ({r, g, b}) => [r, g, b].map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const seen = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !visible(e) || e.closest('noscript, [aria-hidden=true]')) continue;
  const style = getComputedStyle(e);
  let opacity = 1;
  for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
  const below = ground(e);
  const paint = parse(e instanceof SVGElement ? style.fill : style.color);
  const color = over({...paint, a: paint.a * opacity}, below);
  const [high, low] = [luminance(color), luminance(below)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  const size = parseFloat(style.fontSize);
  const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  const key = `${e.className} ${ratio.toFixed(1)}`;
  if (ratio < least && !seen.has(key)) {
    seen.add(key);
    wrong.push(`contrast ${ratio.toFixed(2)}: ` + what(e));
  }
}
return [...new Set(wrong)].slice(0, 20);
