
// Unpacks the answers and opens the reader.
async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

async function startReader() {
  const state = document.getElementById("reader-state");
  const packed = document.getElementById("data");
  state.hidden = false;
  try {
    const data = await unpack(packed.textContent);
    packed.remove();
    if (data.answers.length === 0) {
      state.replaceChildren(...said(data.words.reader_empty));
      return;
    }
    state.hidden = true;
    document.getElementById("reader-frame").hidden = false;
    const book = new Book(data);
    new Shelf(book, new Leaf(book));
  } catch (fault) {
    const broken = document.getElementById("reader-broken");
    broken.append(` ${fault}`);
    broken.hidden = false;
    state.hidden = true;
  }
}

