// The collections and rows of the comparison: posts by users of organizations with permissions, tags, comments.
// Everything follows from a row's number, so that both servers get the same.

const ORGANIZATIONS = 50;
const PERMISSIONS = 20;
const TAGS = 200;
const PARTS = 20_000;
const BATCH = 500;

export const AUTHORS = { count: 200, password: 'author-password', email: (number) => `author${number}@example.com` };

const id = (letter, number) => letter + String(number).padStart(14, '0');
const text = (name, more = {}) => ({ name, type: 'text', ...more });
const open = { listRule: '', viewRule: '' };

/** Definitions in an order in which each may name the ones before; ids are fixed. */
export function collections(users) {
  const collection = (name, fields, more = {}) => ({ id: `pbc_${name}`, name, type: 'base', fields, ...open, ...more });
  const relation = (name, to, maxSelect) => ({ name, type: 'relation', collectionId: to, maxSelect });
  return [
    collection('organizations', [text('name')]),
    collection('permissions', [text('name'), { name: 'active', type: 'bool' }]),
    collection('tags', [text('name')]),
    {
      name: 'users',
      ...open,
      fields: [
        ...users.fields,
        relation('organization', 'pbc_organizations', 1),
        relation('permissions', 'pbc_permissions', PERMISSIONS),
      ],
    },
    collection('posts', posts(relation, users)),
    collection('owned', [text('title'), relation('author', users.id, 1)], { listRule: 'author = @request.auth.id' }),
    collection('parts', [text('name')]),
    collection('uses', [text('text'), relation('part', 'pbc_parts', 1)]),
    collection('comments', [text('text'), relation('post', 'pbc_posts', 1)], {
      indexes: ['CREATE INDEX idx_comments_post ON comments (post)'],
    }),
  ];
}

function posts(relation, users) {
  return [
    text('title'),
    text('description', { max: 5000 }),
    { name: 'type', type: 'select', values: ['a', 'b', 'c', 'd'], maxSelect: 4 },
    relation('author', users.id, 1),
    relation('tags', 'pbc_tags', TAGS),
  ];
}

/** Pairs of a collection and a batch of its rows. */
export function* rows(count) {
  yield* batches('organizations', ORGANIZATIONS, (n) => ({ id: id('o', n), name: `organization ${n}` }));
  yield* batches('permissions', PERMISSIONS, (n) => ({ id: id('p', n), name: `permission ${n}`, active: n % 3 > 0 }));
  yield* batches('tags', TAGS, (n) => ({ id: id('t', n), name: `tag ${n}` }));
  yield* batches('users', AUTHORS.count, author, 20);
  yield* batches('posts', count, post);
  yield* batches('owned', count, (n) => ({ id: id('w', n), title: `owned ${n}`, author: id('a', n % AUTHORS.count) }));
  yield* batches('parts', PARTS, (n) => ({ id: id('d', n), name: `part ${n}` }));
  yield* batches('uses', count, (n) => ({ id: id('u', n), text: `use ${n}`, part: id('d', n % PARTS) }));
  yield* batches('comments', count, (n) => ({ id: id('c', n), text: `comment ${n}`, post: id('b', (n * 7919) % count) }));
}

function author(n) {
  return {
    id: id('a', n),
    name: `author ${n}`,
    email: AUTHORS.email(n),
    password: AUTHORS.password,
    passwordConfirm: AUTHORS.password,
    organization: id('o', n % ORGANIZATIONS),
    permissions: [n, n * 3 + 1, n * 7 + 2].map((number) => id('p', number % PERMISSIONS)).filter((a, i, all) => all.indexOf(a) === i),
  };
}

function post(n) {
  return {
    id: id('b', n),
    title: `post ${n}`,
    description: `lorem ipsum dolor ${n % 997} sit amet, consectetur adipiscing elit, sed do eiusmod tempor ${'incididunt '.repeat(n % 20)}`,
    type: ['a', 'b', 'c', 'd'].filter((_, bit) => (n >> bit) & 1),
    author: id('a', n % AUTHORS.count),
    tags: [n % TAGS, (n * 13 + 5) % TAGS].filter((a, i, all) => all.indexOf(a) === i).map((number) => id('t', number)),
  };
}

function* batches(collection, count, row, size = BATCH) {
  for (let from = 0; from < count; from += size) {
    const numbers = Array.from({ length: Math.min(size, count - from) }, (_, offset) => from + offset);
    yield [collection, numbers.map(row)];
  }
}
