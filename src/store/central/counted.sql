-- The central's database, fourth step: what staff answer while they try a kiosk out (channel `preview`)
-- is kept like any answer, so that nothing seems to be missing, and counted nowhere. Whoever counts
-- looks at `counted`, or at the views made from it, and not at `response`.
DROP VIEW shared_answer;
CREATE VIEW counted AS SELECT * FROM response WHERE channel <> 'preview';

-- Every answer on a line of its own. `part` is a statement of a matrix, a choice that got points, or the
-- choice a text belongs to; each choice of several is a line, and `nth` says its place in the list,
-- from 1: in a ranking, its rank. `response` is response.id.
DROP VIEW answer;
CREATE VIEW answer AS
SELECT r.id AS response, r.survey, r.version, r.structure,
       CASE instr(q.key, '.') WHEN 0 THEN q.key ELSE substr(q.key, 1, instr(q.key, '.') - 1) END
           AS question,
       CASE instr(q.key, '.') WHEN 0 THEN NULL ELSE substr(q.key, instr(q.key, '.') + 1) END AS part,
       NULL AS nth, q.atom AS value
FROM counted AS r, json_each(r.body, '$.answers') AS q
WHERE q.type NOT IN ('array', 'object')
UNION ALL
SELECT r.id, r.survey, r.version, r.structure, q.key, NULL, p.key + 1, p.atom
FROM counted AS r, json_each(r.body, '$.answers') AS q, json_each(q.value) AS p
WHERE q.type = 'array'
UNION ALL
SELECT r.id, r.survey, r.version, r.structure, q.key, p.key, NULL, p.atom
FROM counted AS r, json_each(r.body, '$.answers') AS q, json_each(q.value) AS p
WHERE q.type = 'object' AND p.type <> 'array'
UNION ALL
SELECT r.id, r.survey, r.version, r.structure, q.key, p.key, c.key + 1, c.atom
FROM counted AS r, json_each(r.body, '$.answers') AS q, json_each(q.value) AS p,
     json_each(p.value) AS c
WHERE q.type = 'object' AND p.type = 'array';

-- Answers to questions that more than one survey asks alike, such as the common ones of several panels.
CREATE VIEW shared_answer AS
SELECT a.*, q.shape
FROM answer AS a
JOIN question AS q ON q.survey = a.survey AND q.structure = a.structure AND q.id = a.question
WHERE EXISTS (SELECT 1 FROM question AS other
              WHERE other.id = q.id AND other.shape = q.shape AND other.survey <> q.survey);
