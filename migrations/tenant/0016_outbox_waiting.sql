-- Who has events waiting, and which of them are due, without looking at those of others: of what is switched off there may be many.
-- All that is asked before an event is read is in the index.

CREATE INDEX _outbox_waiting ON _outbox (attachment, action, seq, due_ms, collection, record) WHERE due_ms IS NOT NULL;
DROP INDEX _outbox_due;

-- What was attached and granted to a collection goes with it; until now it stayed behind.
DELETE FROM _attachments WHERE collection NOT IN (SELECT id FROM _collections);
DELETE FROM _grants WHERE collection NOT IN (SELECT id FROM _collections);
