-- SPDX-License-Identifier: Apache-2.0
-- A journal of schema version 3: an actor in the ledger, a step that waits for its fourth attempt.
-- Frozen: never change it.
BEGIN TRANSACTION;
CREATE TABLE care(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  packed_raw INTEGER NOT NULL, packed_stored INTEGER NOT NULL,
  removed_runs INTEGER NOT NULL, removed_events INTEGER NOT NULL,
  event_cursor INTEGER NOT NULL, expired_cursor INTEGER NOT NULL);
INSERT INTO care VALUES(1,0,0,0,0,0,0);
CREATE TABLE consumed(
  run INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY(run, event)) WITHOUT ROWID;
INSERT INTO consumed VALUES(10,14);
CREATE TABLE counter(
  id INTEGER PRIMARY KEY CHECK (id = 1),
  events INTEGER NOT NULL, duplicates INTEGER NOT NULL, poll_only INTEGER NOT NULL,
  state_version INTEGER NOT NULL,
  run0 INTEGER NOT NULL, run1 INTEGER NOT NULL, run2 INTEGER NOT NULL, run3 INTEGER NOT NULL,
  run4 INTEGER NOT NULL, run5 INTEGER NOT NULL, run6 INTEGER NOT NULL, run7 INTEGER NOT NULL);
INSERT INTO counter VALUES(1,14,1,1,2,1,0,1,1,5,1,1,1);
CREATE TABLE cursor(
  connection TEXT NOT NULL, trigger TEXT NOT NULL, cursor TEXT NOT NULL,
  updated_at INTEGER NOT NULL, PRIMARY KEY(connection, trigger)) WITHOUT ROWID;
INSERT INTO cursor VALUES('dam','changes','{"after":7}',1700000000090);
CREATE TABLE event(
  seq INTEGER PRIMARY KEY, ref BLOB NOT NULL, source INTEGER NOT NULL, id TEXT NOT NULL,
  type INTEGER NOT NULL, subject TEXT NOT NULL, partition_key TEXT NOT NULL,
  trace_parent TEXT NOT NULL, time INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
  via INTEGER NOT NULL, data TEXT NOT NULL);
INSERT INTO event VALUES(1,X'018bcfe5680a72d4876ce38f36df815c',1,'10',2,'asset-10','asset-10','00-aa-bb-01',1699999000000,1700000000010,3,'{"n":10,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(2,X'018bcfe5681471db949e3797363bf2f7',1,'11',2,'asset-11','asset-11','00-aa-bb-01',1699999000000,1700000000020,3,'{"n":11,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(3,X'018bcfe5681e73788e4a26309726c916',1,'12',2,'asset-12','asset-12','00-aa-bb-01',1699999000000,1700000000030,3,'{"n":12,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(4,X'018bcfe5682873aa8bcd3c233eae75da',1,'13',2,'asset-13','asset-13','00-aa-bb-01',1699999000000,1700000000040,3,'{"n":13,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(5,X'018bcfe56832704fa0293635af590265',1,'14',2,'asset-14','asset-14','00-aa-bb-01',1699999000000,1700000000050,3,'{"n":14,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(6,X'018bcfe5683c72aaa4ccb6f18259bfda',1,'15',2,'asset-15','asset-15','00-aa-bb-01',1699999000000,1700000000060,3,'{"n":15,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(7,X'018bcfe5684671aba24d71aca0cfddb5',1,'16',2,'asset-16','asset-16','00-aa-bb-01',1699999000000,1700000000070,3,'{"n":16,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(8,X'018bcfe5685070b180aae21acbc6ba99',1,'17',2,'asset-17','asset-17','00-aa-bb-01',1699999000000,1700000000080,3,'{"n":17,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(9,X'018bcfe5685a7363b2e2842c05f661e7',1,'18',2,'asset-18','asset-18','00-aa-bb-01',1699999000000,1700000000090,3,'{"n":18,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(10,X'018bcfe5685a7364abbcfd5d3ffe39a5',1,'19',2,'asset-19','asset-19','',0,1700000000090,3,'{"n":1}');
INSERT INTO event VALUES(11,X'018bcfe5685a7366937c460bcc913778',1,'20',2,'asset-20','asset-20','',0,1700000000090,8,'{"n":1}');
INSERT INTO event VALUES(12,X'018bcfe5686470b8a129d913138ad7f0',1,'21',2,'asset-21','asset-21','00-aa-bb-01',1699999000000,1700000000100,3,'{"n":21,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(13,X'018bcfe5686e7357ada8e9c1d6b8b3cb',1,'22',2,'asset-22','asset-22','00-aa-bb-01',1699999000000,1700000000110,3,'{"n":22,"text":"it''s \"quoted\" – ü"}');
INSERT INTO event VALUES(14,X'018bcfe5686e73589a16665d4dafafed',1,'23',10,'process-7','process-7','',0,1700000000110,3,'{"n":1}');
CREATE TABLE event_match(
  type INTEGER NOT NULL, key TEXT NOT NULL, event INTEGER NOT NULL,
  PRIMARY KEY(type, key, event)) WITHOUT ROWID;
INSERT INTO event_match VALUES(10,'',14);
INSERT INTO event_match VALUES(10,'process-7',14);
CREATE TABLE lease(owner INTEGER PRIMARY KEY, until INTEGER NOT NULL);
INSERT INTO lease VALUES(11,1795272482367);
CREATE TABLE ledger(
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, run BLOB NOT NULL, instance INTEGER NOT NULL,
  step TEXT NOT NULL, attempt INTEGER NOT NULL, connection INTEGER NOT NULL,
  operation INTEGER NOT NULL, object TEXT NOT NULL, outcome INTEGER NOT NULL,
  request_digest BLOB NOT NULL, before_digest BLOB NOT NULL, after_digest BLOB NOT NULL,
  hash BLOB NOT NULL, actor INTEGER);
INSERT INTO ledger VALUES(1,1700000001007,X'00000000000070008000000000000010',4,'step one',1,12,13,'contact-1',14,X'16e990e6835b696fa8bacda79bc6e4575629450da90b1155f524fd552173d7e2',X'',X'f44c30d07d331c6ff6aeb64dc4a63070c1cc002946e49019617cd18e5211a6f6',X'1197011776808c2de1f28873e21cf913c492d1272f4dd548d76b19cbd2337616',NULL);
INSERT INTO ledger VALUES(2,1700000002007,X'00000000000070008000000000000010',4,'step two',2,12,13,'contact "2", ü',15,X'e2dbb589ada0231e594253e593338b91a9f4740b95ea83e4142bfba5f19ce41c',X'7208794c984ea1c75d13877c7427336fe98722c41a056eeee4f37360ec367123',X'bc432967b5a6d005763af7a1bb0503b18af38bdba046744ad9722b02d8a0ecb6',X'09521d732c055817da156f2455daf35b84a75b2e4ed76e1ba26b86b5b80b82ad',NULL);
INSERT INTO ledger VALUES(3,1700000003007,X'00000000000070008000000000000010',4,'step three',3,12,13,'',16,X'0b6987305c49091a823bd8b412a5c249bd4539822255b479599427823ca3fc1b',X'',X'',X'73cd6f1d0a6ac9b8c51754a0228bf08bca99d1dbc2e04d0be8b4dfea8531d55a',NULL);
INSERT INTO ledger VALUES(4,1700000000200,X'00000000000070008000000000000011',20,'',0,20,19,'00000000-0000-7000-8000-000000000011',18,'','','',X'827cc880c3591a79245128aeff09818c6afd8d33454b4be5cb592dcd5fafd410',17);
CREATE TABLE ledger_head(
  id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, hash BLOB NOT NULL,
  anchor_seq INTEGER NOT NULL, anchor_hash BLOB NOT NULL);
INSERT INTO ledger_head VALUES(1,4,X'827cc880c3591a79245128aeff09818c6afd8d33454b4be5cb592dcd5fafd410',0,'');
CREATE TABLE link(
  relation TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, data TEXT NOT NULL,
  updated_at INTEGER NOT NULL, PRIMARY KEY(relation, a)) WITHOUT ROWID;
INSERT INTO link VALUES('asset-reference','asset-1','ws-9','{"v":1}',1700000000090);
INSERT INTO link VALUES('asset-reference','asset-2','','',1700000000090);
CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
INSERT INTO name VALUES(1,'/connections/dam');
INSERT INTO name VALUES(2,'dam.asset.approved');
INSERT INTO name VALUES(3,'webhook');
INSERT INTO name VALUES(4,'campaigns');
INSERT INTO name VALUES(5,'campaign-assets');
INSERT INTO name VALUES(6,'1.2.0');
INSERT INTO name VALUES(7,'rev-1');
INSERT INTO name VALUES(8,'poll');
INSERT INTO name VALUES(9,'host-a');
INSERT INTO name VALUES(10,'xecm.workflow.completed');
INSERT INTO name VALUES(11,'01a1fe93-33ba-7240-94bf-391c4457c74d');
INSERT INTO name VALUES(12,'crm');
INSERT INTO name VALUES(13,'contacts.upsert');
INSERT INTO name VALUES(14,'done');
INSERT INTO name VALUES(15,'found');
INSERT INTO name VALUES(16,'unknown');
INSERT INTO name VALUES(17,'kim');
INSERT INTO name VALUES(18,'refused');
INSERT INTO name VALUES(19,'admin:retryRun');
INSERT INTO name VALUES(20,'');
CREATE TABLE note(
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
  action TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE revision(
  instance INTEGER NOT NULL, revision INTEGER NOT NULL, flow INTEGER NOT NULL,
  flow_version INTEGER NOT NULL, settings TEXT NOT NULL, made_at INTEGER NOT NULL,
  PRIMARY KEY(instance, revision)) WITHOUT ROWID;
CREATE TABLE run(
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL, instance INTEGER NOT NULL, key TEXT NOT NULL,
  flow INTEGER NOT NULL, flow_version INTEGER NOT NULL, config_revision INTEGER NOT NULL,
  event INTEGER NOT NULL, state INTEGER NOT NULL, head INTEGER NOT NULL,
  poked INTEGER NOT NULL DEFAULT 0, waited INTEGER NOT NULL DEFAULT 0, owner INTEGER,
  starts INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  wake_at INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '', failure TEXT,
  failed_step TEXT NOT NULL DEFAULT '', parent INTEGER, parent_step TEXT, cancel_reason TEXT, held INTEGER, fingerprint INTEGER, edited_data TEXT);
INSERT INTO run VALUES(1,X'00000000000070008000000000000010',4,'done',5,6,7,1,3,0,0,0,NULL,1,1700000000010,1700000000090,0,'{"ok":true}',NULL,'',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO run VALUES(2,X'00000000000070008000000000000011',4,'dead',5,6,7,2,4,0,0,0,NULL,1,1700000000020,1700000000090,0,'','{"category":"unavailable","http_status":503,"code":"crm.down","message":"contact \"4711\" not written: HTTP 503"}','put',NULL,NULL,NULL,NULL,-3610915109054748812,NULL);
INSERT INTO run VALUES(3,X'00000000000070008000000000000012',4,'dead',5,6,7,3,4,0,0,0,NULL,2,1700000000030,1795272422370,0,'','{"category":"config","effect":"none","code":"flow.not-configured","message":"flow \"campaigns\" is not configured any more; put [flows.campaigns] back and retry the run, or discard it"}','',NULL,NULL,NULL,NULL,2227500094251954810,NULL);
INSERT INTO run VALUES(4,X'00000000000070008000000000000013',4,'doubt',5,6,7,4,5,0,0,0,NULL,1,1700000000040,1700000000090,0,'','{"category":"unknown","code":"run.in-doubt","message":"outcome not known"}','send',NULL,NULL,NULL,NULL,9100638841640759865,NULL);
INSERT INTO run VALUES(5,X'00000000000070008000000000000014',4,'cancelled',5,6,7,5,6,0,0,0,NULL,1,1700000000050,1700000000090,0,'','{"category":"cancelled","code":"run.cancelled","message":"stopped"}','',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO run VALUES(6,X'00000000000070008000000000000015',4,'gone',5,6,7,6,7,0,0,0,NULL,1,1700000000060,1700000000090,0,'{"reason":"test data"}','{"category":"input","code":"map.bad","message":"no title"}','',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO run VALUES(7,X'00000000000070008000000000000016',4,'event',5,6,7,7,4,0,0,1,NULL,2,1700000000070,1795272422378,0,'','{"category":"config","retry":false,"effect":"none","code":"run.revision-gone","message":"the run began on flow \"campaign-assets\" version 1.2.0 with revision rev-1 of its settings; no loaded plugin offers that version: put its file back into the plugins folder and retry the run, or let it go on with today''s: mortise dead-letters retry 00000000-0000-7000-8000-000000000016 --repin"}','',NULL,NULL,NULL,NULL,-8919726547725402215,NULL);
INSERT INTO run VALUES(8,X'00000000000070008000000000000017',4,'sleep',5,6,7,8,4,0,0,0,NULL,2,1700000000080,1795272422378,0,'','{"category":"config","retry":false,"effect":"none","code":"run.revision-gone","message":"the run began on flow \"campaign-assets\" version 1.2.0 with revision rev-1 of its settings; no loaded plugin offers that version: put its file back into the plugins folder and retry the run, or let it go on with today''s: mortise dead-letters retry 00000000-0000-7000-8000-000000000017 --repin"}','',NULL,NULL,NULL,NULL,-8919726547725402215,NULL);
INSERT INTO run VALUES(9,X'00000000000070008000000000000018',4,'act',5,6,7,9,4,0,0,0,NULL,2,1700000000090,1795272422378,0,'','{"category":"config","retry":false,"effect":"none","code":"run.revision-gone","message":"the run began on flow \"campaign-assets\" version 1.2.0 with revision rev-1 of its settings; no loaded plugin offers that version: put its file back into the plugins folder and retry the run, or let it go on with today''s: mortise dead-letters retry 00000000-0000-7000-8000-000000000018 --repin"}','',NULL,NULL,NULL,NULL,-8919726547725402215,NULL);
INSERT INTO run VALUES(10,X'00000000000070008000000000000021',4,'event2',5,6,7,12,2,1,0,1,NULL,1,1700000000100,1700000000110,0,'',NULL,'',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO run VALUES(11,X'00000000000070008000000000000022',4,'event2',5,6,7,13,0,0,0,0,NULL,0,1700000000110,1700000000110,0,'',NULL,'',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE state(
  scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(scope, key)) WITHOUT ROWID;
INSERT INTO state VALUES('flow/campaigns','last','{"n":3}',1);
INSERT INTO state VALUES('flow/campaigns','next','{"n":4}',2);
CREATE TABLE step(
  seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, key TEXT NOT NULL, kind INTEGER NOT NULL,
  target TEXT NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL, wake_at INTEGER NOT NULL,
  input TEXT NOT NULL, result TEXT NOT NULL, failure TEXT, edited INTEGER NOT NULL DEFAULT 0);
INSERT INTO step VALUES(1,1,'get',0,'dam:assets.get',3,1,1700000000090,1700000000090,0,'{"id":1}','{"name":"x"}',NULL,0);
INSERT INTO step VALUES(2,2,'get',0,'dam:assets.get',3,1,1700000000090,1700000000090,0,'{"id":1}','{"name":"x"}',NULL,0);
INSERT INTO step VALUES(3,2,'put',0,'crm:contacts.upsert',4,5,1700000000090,1700000000090,0,'{"id":1}','','{"category":"unavailable","http_status":503,"code":"crm.down","message":"contact \"4711\" not written: HTTP 503"}',0);
INSERT INTO step VALUES(4,4,'send',0,'mail:messages.send',0,1,1700000000090,0,0,'{"id":1}','',NULL,0);
INSERT INTO step VALUES(5,7,'id',3,'record',3,1,1700000000090,0,0,'{"id":1}','"abc"',NULL,0);
INSERT INTO step VALUES(6,7,'legal',2,'wait_event:xecm.workflow.completed',1,1,1700000000090,0,1700086400090,'{"id":1}','',NULL,0);
INSERT INTO step VALUES(7,8,'nap',1,'sleep',1,1,1700000000090,0,1700000060090,'{"id":1}','',NULL,0);
INSERT INTO step VALUES(8,9,'call',0,'dam:assets.get',2,2,1700000000090,0,1700000001090,'{"id":1}','','{"category":"timeout","code":"dam.slow","message":"no answer"}',0);
INSERT INTO step VALUES(9,10,'legal',2,'wait_event:xecm.workflow.completed',3,1,1700000000110,1700000000110,0,'{"id":1}','{"specversion":"1.0","id":"23","source":"/connections/dam","type":"xecm.workflow.completed","subject":"process-7","partitionkey":"process-7","datacontenttype":"application/json","data":{"n":1}}',NULL,0);
INSERT INTO step VALUES(10,10,'more',2,'wait_event:xecm.workflow.completed',1,1,1700000000110,0,0,'{"id":1}','',NULL,0);
INSERT INTO step VALUES(11,9,'tried',0,'crm:contacts.upsert',2,3,1700000000110,0,1700000005000,'{"id":1}','','{"category":"unavailable","effect":"none","http_status":503,"code":"crm.away","message":"the system answered 503"}',0);
CREATE TABLE wait(
  run INTEGER NOT NULL, step INTEGER NOT NULL, type INTEGER NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY(run, step)) WITHOUT ROWID;
INSERT INTO wait VALUES(7,6,10,'process-1');
INSERT INTO wait VALUES(10,10,10,'process-7');
CREATE TABLE waited_type(type INTEGER PRIMARY KEY);
INSERT INTO waited_type VALUES(10);
CREATE UNIQUE INDEX event_ref ON event(ref);
CREATE UNIQUE INDEX event_once ON event(source, id);
CREATE INDEX event_type ON event(type);
CREATE UNIQUE INDEX run_id ON run(id);
CREATE INDEX run_instance ON run(instance);
CREATE INDEX run_key ON run(instance, key) WHERE state<3;
CREATE INDEX run_ready ON run(head) WHERE state=0 AND head=1;
CREATE INDEX run_active ON run(owner) WHERE state=1;
CREATE INDEX run_wake ON run(wake_at) WHERE state=2 AND wake_at>0;
CREATE INDEX run_dead ON run(state) WHERE state>3;
CREATE UNIQUE INDEX step_key ON step(run, key);
CREATE INDEX wait_match ON wait(type, key);
CREATE UNIQUE INDEX link_b ON link(relation, b) WHERE b<>'';
CREATE INDEX run_parent ON run(parent) WHERE parent IS NOT NULL;
CREATE INDEX run_held ON run(held) WHERE held IS NOT NULL;
CREATE INDEX run_cause ON run(fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX note_run ON note(run);
COMMIT;
PRAGMA application_id=1297241171;
PRAGMA user_version=3;
