-- Retention removes result files too.

ALTER TABLE results ADD COLUMN state TEXT NOT NULL DEFAULT 'stored'
  CHECK (state IN ('stored', 'deleted'));
