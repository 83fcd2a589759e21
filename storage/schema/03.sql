-- Studies that open associations are still sending; why a series that is analysed may lack images.

CREATE TABLE holds (
  association INTEGER NOT NULL,
  study_id INTEGER NOT NULL REFERENCES studies (id),
  heard_boot_id TEXT NOT NULL,
  heard_boot_ms INTEGER NOT NULL,
  PRIMARY KEY (association, study_id)
);
CREATE INDEX holds_of_study ON holds (study_id);
ALTER TABLE jobs ADD COLUMN incomplete TEXT NOT NULL DEFAULT '';
