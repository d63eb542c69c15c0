
// How the reader writes: elements from text, and text in both languages as [en, ru].
// Whatever a model or a person wrote is set as text, never as markup.
function make(tag, style, ...children) {
  const node = document.createElement(tag);
  if (style) node.className = style;
  node.append(...children);
  return node;
}

function said([en, ru]) {
  if (en === ru) return [en];
  const spans = [make("span", "l-en", en), make("span", "l-ru", ru)];
  spans[0].lang = "en";
  spans[1].lang = "ru";
  return spans;
}

function number(value, digits) {
  const text = digits === undefined ? String(Math.round(value * 100) / 100) : value.toFixed(digits);
  return [text, text.replace(".", ",")].map((shown) => shown.replace("-", "\u2212"));
}

function filled([en, ru], values) {
  const put = (text, at) =>
    text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      return Array.isArray(value) ? value[at] : String(value);
    });
  return [put(en, 0), put(ru, 1)];
}

function joined(texts, glue) {
  return [texts.map((text) => text[0]).join(glue), texts.map((text) => text[1]).join(glue)];
}

// --- the answer's text with the places that judges cite

function marked(text, quotes) {
  const placed = quotes.filter((quote) => quote.start !== undefined);
  const cuts = new Set([0, text.length]);
  for (const quote of placed) {
    cuts.add(quote.start);
    cuts.add(quote.end);
  }
  const places = [...cuts].sort((a, b) => a - b);
  const pieces = [];
  for (let i = 0; i + 1 < places.length; i += 1) {
    const [from, to] = [places[i], places[i + 1]];
    const over = placed.filter((quote) => quote.start <= from && quote.end >= to);
    const piece = text.slice(from, to);
    if (over.length === 0) {
      pieces.push(piece);
      continue;
    }
    const node = make("mark", "", piece);
    node.dataset.quotes = over.map((quote) => quote.id).join(" ");
    node.dataset.depth = String(Math.min(over.length, 3));
    pieces.push(node);
  }
  return pieces;
}
