-- Who has events waiting, and which of them are due, without looking at those of others: of what is switched off there may be many.
-- All that is asked before an event is read is in the index.

CREATE INDEX _outbox_waiting ON _outbox (attachment, action, seq, due_ms, collection, record) WHERE due_ms IS NOT NULL;
DROP INDEX _outbox_due;

-- The collections that a kept answer is about, and that of whoever asked: it goes with them. A list of ids as JSON.
ALTER TABLE _idempotency ADD COLUMN collections TEXT DEFAULT '[]' NOT NULL;

-- What was attached, granted and opened of a collection goes with it, as do events of it and its rows of the past; until now they stayed
-- behind. A scope for a collection is `ID:VERB`; `NAME:read` is for a part of the server.
DELETE FROM _attachments WHERE collection NOT IN (SELECT id FROM _collections);
DELETE FROM _grants WHERE collection NOT IN (SELECT id FROM _collections);
DELETE FROM _outbox WHERE collection NOT IN (SELECT id FROM _collections);
UPDATE _changes SET collection = '', record = '', past = NULL, bytes = 0
  WHERE collection != '' AND collection NOT IN (SELECT id FROM _collections);
UPDATE _api_keys SET scopes = (
  SELECT json_group_array(value) FROM json_each(_api_keys.scopes)
    WHERE instr(value, ':') = 0 OR value LIKE '%:read' OR value LIKE '*:%'
      OR substr(value, 1, instr(value, ':') - 1) IN (SELECT id FROM _collections));
