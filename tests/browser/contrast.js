// Returns the visible texts whose contrast is below WCAG 2.1 AA (1.4.3): 4.5:1, large text 3:1. Run as a function body.
const parse = text => {
  const numbers = (text.match(/[\d.]+/g) || []).map(Number);
  return {
    r: numbers[0] || 0,
    g: numbers[1] || 0,
    b: numbers[2] || 0,
    a: numbers.length > 3 ? numbers[3] : text === "transparent" ? 0 : 1,
  };
};
const over = (top, under) => ({
  r: top.r * top.a + under.r * (1 - top.a),
  g: top.g * top.a + under.g * (1 - top.a),
  b: top.b * top.a + under.b * (1 - top.a),
  a: 1,
});
const channel = value =>
  value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = color => 0.2126 * channel(color.r) + 0.7152 * channel(color.g) + 0.0722 * channel(color.b);
const ratio = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};
const ground = element => {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color.a > 0) layers.push(color);
    if (color.a === 1) break;
  }
  return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
};
const seen = element => {
  const box = element.getBoundingClientRect(),
    style = getComputedStyle(element);
  if (!box.width || !box.height || style.visibility !== "visible" || style.clipPath !== "none") return false;
  for (let one = element; one; one = one.parentElement)
    if (Number(getComputedStyle(one).opacity) < 1) return false;
  return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
};
const bad = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim(),
    element = walker.currentNode.parentElement;
  if (!text || !element || !seen(element) || element.closest("svg, option, script, noscript, :disabled"))
    continue;
  const style = getComputedStyle(element),
    size = parseFloat(style.fontSize),
    under = ground(element);
  const color = over(parse(style.color), under),
    found = ratio(color, under);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (found < (large ? 3 : 4.5)) {
    bad.push({
      text: text.slice(0, 60),
      ratio: Number(found.toFixed(2)),
      color: style.color,
      ground: JSON.stringify(under),
      at: element.className,
    });
  }
}
return bad;
