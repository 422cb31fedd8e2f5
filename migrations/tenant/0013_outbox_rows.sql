-- The outbox as it is shown: with names, and whether an event is still on its way.

CREATE VIEW _outbox_rows AS
  SELECT o.seq, o.id, CASE WHEN o.due_ms IS NULL THEN 'dead' ELSE 'pending' END AS state,
    coalesce(a.plugin, '') AS plugin, coalesce(p.name, '') AS pluginName, o.attachment,
    coalesce(c.name, o.collection) AS collection, o.collection AS collectionId, o.record, o.action, o.attempts, o.due_ms,
    o.error, o.created, o.event
  FROM _outbox AS o
    LEFT JOIN _attachments AS a ON a.id = o.attachment
    LEFT JOIN _plugins AS p ON p.id = a.plugin
    LEFT JOIN _collections AS c ON c.id = o.collection;
