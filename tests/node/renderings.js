// SARIF by its published schema, and Markdown as readers show it: one JSON request a line on standard input, one JSON answer a line
// on standard output.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');
// The libraries lie beside the build, not beside this file.
const load = createRequire(path.join(process.argv[2], 'package.json'));
const Ajv = load('ajv');
const MarkdownIt = load('markdown-it');

const ajv = new Ajv({ schemaId: 'auto', meta: false, allErrors: true });
ajv.addMetaSchema(load('ajv/lib/refs/json-schema-draft-04.json'));
const schemas = path.join(process.argv[2], 'node_modules/@microsoft/jest-sarif/lib/schemas');
const schema = JSON.parse(fs.readFileSync(path.join(schemas, 'sarif-2.1.0-rtm.5.json'), 'utf8'));
const validate = ajv.compile(schema);
// As forges read: raw HTML is passed through, addresses become links, tables are tables.
const markdown = new MarkdownIt({ html: true, linkify: true });

function sarif(request) {
  const good = validate(JSON.parse(fs.readFileSync(request.file, 'utf8')));
  return { good, why: (validate.errors || []).slice(0, 3).map((error) => `${error.dataPath} ${error.message}`) };
}

function rendered(request) {
  const text = fs.readFileSync(request.file, 'utf8');
  const answer = { tables: [], headings: [], links: [], images: 0, html: [], items: 0 };
  let row = null;
  const visit = (tokens) => tokens.forEach((token, at) => {
    if (token.type === 'table_open') { answer.tables.push([]); }
    if (token.type === 'tr_open') { row = []; answer.tables[answer.tables.length - 1].push(row); }
    if (token.type === 'tr_close') { row = null; }
    if (token.type === 'heading_open') { answer.headings.push(`${token.tag} ${tokens[at + 1].content}`); }
    if (token.type === 'list_item_open') { answer.items += 1; }
    if (token.type.startsWith('html')) { answer.html.push(token.content); }
    if (token.type === 'link_open') { answer.links.push(token.attrGet('href')); }
    if (token.type === 'image') { answer.images += 1; }
    if (token.type === 'inline') {
      if (row) { row.push((token.children || []).map((child) => child.content).join('')); }
      visit(token.children || []);
    }
  });
  visit(markdown.parse(text, {}));
  return answer;
}

const ASKED = { sarif, markdown: rendered };

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  let answer;
  try { answer = ASKED[request.ask](request); } catch (error) { answer = { failed: String(error) }; }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
