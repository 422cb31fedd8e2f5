// Shows /api/openapi.json: operations by tag, with their parameters, bodies and answers as example-like outlines.
'use strict';

const DEPTH_MAX = 6;

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** A schema as an outline: `{ title: string, views?: number }`. */
function outline(document_, schema, depth = 0) {
  const pad = '  '.repeat(depth);
  if (!schema || depth > DEPTH_MAX) return 'any';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    return outline(document_, document_.components.schemas[name], depth);
  }
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map((one) => outline(document_, one, depth)).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  if (schema.type === 'array') return `${outline(document_, schema.items, depth)}[]`;
  if (schema.type === 'object' && schema.properties) {
    const required = schema.required ?? [];
    const lines = Object.entries(schema.properties).map(([name, value]) => {
      const mark = required.includes(name) ? '' : '?';
      return `${pad}  ${name}${mark}: ${outline(document_, value, depth + 1)}`;
    });
    return `{\n${lines.join('\n')}\n${pad}}`;
  }
  return schema.type ?? 'any';
}

function contents(document_, inside, heading, content) {
  for (const [kind, { schema }] of Object.entries(content ?? {})) {
    inside.append(make('h3', `${heading} (${kind})`), make('pre', outline(document_, schema)));
  }
}

function fill(document_, inside, operation) {
  if (operation.parameters?.length) {
    const table = make('table');
    for (const { name, in: place, description } of operation.parameters) {
      const row = make('tr');
      row.append(make('td', name), make('td', place), make('td', description ?? ''));
      table.append(row);
    }
    inside.append(make('h3', 'Parameters'), table);
  }
  contents(document_, inside, 'Body', operation.requestBody?.content);
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (answer.content) contents(document_, inside, `Answer ${status}`, answer.content);
    else inside.append(make('h3', `Answer ${status}`), make('pre', answer.description));
  }
  if (operation['x-rule'] !== undefined) {
    inside.append(make('h3', 'Rule'), make('pre', operation['x-rule'] ?? 'superusers only'));
  }
}

function entry(document_, path, method, operation) {
  const details = make('details');
  const summary = make('summary');
  summary.append(
    make('span', method.toUpperCase(), 'method'),
    make('span', path, 'path'),
    make('span', operation.summary, 'what'),
  );
  details.append(summary);
  details.dataset.text = `${method} ${path} ${operation.summary} ${operation.tags}`.toLowerCase();
  details.addEventListener('toggle', () => {
    if (details.childElementCount > 1) return;
    const inside = make('div', undefined, 'inside');
    fill(document_, inside, operation);
    details.append(inside);
  });
  return details;
}

function show(document_) {
  document.title = `${document_.info.title} API`;
  document.getElementById('title').textContent = `${document_.info.title} API`;
  document.getElementById('about').textContent = document_.info.description.replaceAll('`', '');
  const groups = new Map();
  for (const [path, operations] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(entry(document_, path, method, operation));
    }
  }
  const main = document.getElementById('operations');
  main.replaceChildren();
  for (const [tag, entries] of groups) {
    const section = make('section');
    section.append(make('h2', tag), ...entries);
    main.append(section);
  }
}

function find(text) {
  const word = text.trim().toLowerCase();
  for (const section of document.querySelectorAll('section')) {
    let any = false;
    for (const details of section.querySelectorAll('details')) {
      details.hidden = !details.dataset.text.includes(word);
      any ||= !details.hidden;
    }
    section.hidden = !any;
  }
}

async function start() {
  const note = document.getElementById('note');
  try {
    const reply = await fetch('/api/openapi.json');
    if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
    show(await reply.json());
  } catch (error) {
    note.textContent = `The description could not be loaded: ${error.message}.`;
  }
  document.getElementById('find').addEventListener('input', (event) => find(event.target.value));
}

start();
