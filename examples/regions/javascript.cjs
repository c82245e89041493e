// Holds the regions of JavaScript files, as the example `regions` prints them, against the tokens of acorn.
//
// usage: node javascript.cjs ours.tsv (acorn is looked for where node looks for packages)

const fs = require("fs");
const acorn = require("acorn");

function regionsOf(text) {
  let failure;
  for (const sourceType of ["module", "script"]) {
    const found = [];
    try {
      acorn.parse(text, {
        ecmaVersion: "latest",
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true,
        onComment: (block, _, start, end) => found.push([start, end, "comment"]),
        onToken: (token) => {
          if (["string", "template", "regexp", "invalidTemplate"].includes(token.type.label)) {
            found.push([token.start, token.end, "string"]);
          }
        },
      });
      return found.sort((a, b) => a[0] - b[0]);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

const files = new Map();
for (const line of fs.readFileSync(process.argv[2], "latin1").split("\n")) {
  const [path, at, region] = line.split("\t");
  if (!region) continue;
  if (!files.has(path)) files.set(path, []);
  files.get(path).push([Number(at), region]);
}
let [read, unread, hits, wrong] = [0, 0, 0, 0];
for (const [path, rows] of files) {
  // One character for each byte, so that offsets are the same.
  const text = fs.readFileSync(path, "latin1");
  let expected;
  try {
    expected = regionsOf(text);
  } catch {
    unread += 1;
    continue;
  }
  read += 1;
  for (const [at, region] of rows) {
    hits += 1;
    let [low, high] = [0, expected.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (expected[middle][1] <= at) low = middle + 1;
      else high = middle;
    }
    const inside = expected[low] && expected[low][0] <= at ? expected[low][2] : "code";
    const ours = region === "doc" ? "comment" : region;
    if (ours !== inside) {
      wrong += 1;
      if (wrong <= 100) console.log(`${path}: byte ${at}: ${ours} here, ${inside} to acorn`);
    }
  }
}
console.log(`${read} files, ${hits} hits, ${wrong} differ (${((100 * wrong) / Math.max(hits, 1)).toFixed(4)} %), ${unread} files unread`);
