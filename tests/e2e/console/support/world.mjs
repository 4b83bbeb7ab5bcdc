// SPDX-License-Identifier: Apache-2.0
// The real host beside the real sandbox, each a program of its own in a temporary folder, for as long as a test.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as create_http_server } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = resolve(fileURLToPath(import.meta.url), '../../../../..');
export const build = process.env.MORTISE_BUILD ?? join(source, 'build/dev');
const program = (name) => join(build, 'bin', name);

/** Until condition() is true (or gives something); fails after the limit, with what was thrown last. */
export async function until(condition, what = 'the condition', limit = 90_000) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      const got = await condition();
      if (got) return got;
    } catch (e) {
      last = e;
    }
    if (Date.now() > end) throw new Error(`${what} did not come true in ${limit} ms${last ? `: ${last.message}` : ''}`);
    await new Promise((r) => setTimeout(r, 20));
  }
}

async function free_port(port = 0) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const found = server.address().port;
  server.close();
  await once(server, 'close');
  return found;
}

// The sandbox takes ports in a row: a base whose next two are free.
async function free_row() {
  for (let i = 0; i < 50; ++i) {
    const first = await free_port();
    try {
      await free_port(first + 1);
      if (first - 1 >= 1024 && first < 64_000) return first - 1;
    } catch {
      // taken: another one
    }
  }
  throw new Error('no two free ports in a row');
}

class child {
  constructor(command, args, env = {}) {
    this.output = '';
    this.ended = false;
    this.process = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream.on('data', (text) => (this.output = (this.output + text).slice(-20_000)));
    this.exit = once(this.process, 'exit').then(([code, signal]) => {
      this.ended = true;
      return { code, signal };
    });
  }
  async end(signal = 'SIGTERM') {
    if (this.ended) return;
    this.process.kill(signal);
    const late = setTimeout(() => this.process.kill('SIGKILL'), 20_000);
    await this.exit;
    clearTimeout(late);
  }
}

async function request(url, { method = 'GET', body, token } = {}) {
  const headers = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const reply = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${text.slice(0, 500)}`);
  return text && reply.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

const all_flows = `
[flows.campaigns]
flow = "campaign-asset-references"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.campaigns.settings]
reference.asset_link = "{iconik}/asset/{asset_id}"
[flows.rights]
flow = "rights-metadata-sync"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.rights.settings]
asset_link = "{iconik}/asset/{asset_id}"
[flows.accounts]
flow = "account-media-links"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.accounts.settings]
reference.asset_link = "{iconik}/asset/{asset_id}"
[flows.approval]
flow = "asset-approval"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.productions]
flow = "production-coordination"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.archive]
flow = "project-archive"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.archive.settings]
wait_for_archive = { first = "2s", longest = "24h" }
[flows.programs]
flow = "communications-governance"
connections = { dam = "iconik", workspaces = "otcs" }
[flows.programs.settings]
reference.asset_link = "{iconik}/asset/{asset_id}"
[flows.deliverables]
flow = "vendor-deliverables"
connections = { dam = "iconik", workspaces = "otcs" }
`;

export class world {
  /**
   * options: flows (TOML of the flow instances), more (further TOML), seed_runs, poll ("100ms"), retry (first and longest
   * delay), probe (with the tests'
   * own plugin: connection "target" and flow "steps", see send()).
   */
  static async start(options = {}) {
    const w = new world();
    w.options = options;
    w.folder = await mkdtemp(join(tmpdir(), 'mortise-console-'));
    try {
      await mkdir(join(w.folder, 'state'));
      if (options.seed_runs) await w.seed(options.seed_runs);
      await w.start_sandbox();
      w.http_port = await free_port();
      w.admin_port = await free_port();
      if (options.probe) await w.start_target();
      await w.write_config();
      await w.start_host();
    } catch (e) {
      await w.stop();
      throw e;
    }
    return w;
  }

  seed(runs) {
    const made = spawnSync(join(build, 'tests/e2e/console/seed_journal'),
      [join(this.folder, 'state/journal.db'), String(runs)], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`seed_journal: ${made.stderr || made.error}`);
    this.seeded = JSON.parse(made.stdout);
  }

  async start_sandbox() {
    for (let attempt = 0; ; ++attempt) {
      const base = await free_row();
      this.iconik = `http://127.0.0.1:${base + 1}`;
      this.otcs = `http://127.0.0.1:${base + 2}`;
      this.sandbox = new child(program('mortise-sandbox'),
        ['--port-base', String(base), '--index-delay-ms', '0', '--rate-limit', '1000000']);
      try {
        await until(async () => this.sandbox.ended || (await request(`${this.otcs}/__sandbox`)), 'the sandbox', 60_000);
        if (!this.sandbox.ended) return;
      } catch (e) {
        await this.sandbox.end();
        throw e;
      }
      if (attempt === 5) throw new Error(`the sandbox did not start: ${this.sandbox.output}`);
    }
  }

  // What the probe reaches. Of each path in `lost` one request is taken and not answered; so many of `refusing` are refused.
  async start_target() {
    this.lost = new Set();
    this.refusing = 0;
    this.target = create_http_server((request, reply) => {
      request.resume().on('end', () => {
        if (this.lost.delete(request.url)) request.socket.destroy();
        else if (request.method === 'POST' && this.refusing > 0) {
          --this.refusing;
          reply.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"not like this"}');
        }
        else reply.writeHead(200, { 'content-type': 'application/json' }).end('{"cursor":"0","events":[]}');
      });
    });
    this.target.listen(0, '127.0.0.1');
    await once(this.target, 'listening');
  }
  /** An event with a plan of steps for the flow "steps", e.g. [{ do: "fire", name: "a" }]. */
  send(id, plan) {
    return request(`http://127.0.0.1:${this.http_port}/hooks/target`,
      { method: 'POST', body: { events: [{ id, type: 'probe.changed', subject: id, data: { plan } }] } });
  }

  async write_config(change = (text) => text) {
    const poll = this.options.poll ?? '100ms';
    const [first, longest] = this.options.retry ?? ['20ms', '200ms'];
    const quick = `retry.first_delay = "${first}"\nretry.max_delay = "${longest}"\nbreaker = { failures = 4, open_for = "1s", max_open_for = "1s" }
triggers.changes.poll_interval = "${poll}"\n`;
    const text = `[host]
state_dir = "${this.folder}/state"
shutdown_grace = "2s"
[host.log]
file = "${this.folder}/host.log"
[host.http]
port = ${this.http_port}
[admin]
port = ${this.admin_port}
[connections.iconik]
connector = "iconik"
base_url = "${this.iconik}"
app_id = "0b5e1c1e-6b1d-11f0-9a3e-0242ac1d00a1"
auth_token = { env = "ICONIK_TOKEN" }
allow_unauthenticated_webhooks = true
metadata_views = ["Marketing"]
${quick}limits.requests_per_second = 200
limits.burst = 200
[connections.otcs]
connector = "xecm-workspaces"
base_url = "${this.otcs}/otcs/cs"
username = "integration"
password = { env = "OTCS_PASSWORD" }
watch_node_categories = ["Media Reference", "Rights", "Vendor Deliverable"]
watch_workflow_maps = ["Asset Review"]
watch_documents_in = ["Program"]
${quick}${this.options.more ?? ''}${(this.options.flows ?? all_flows).replaceAll('{iconik}', this.iconik)}${this.target ? `
[connections.target]
connector = "probe"
base_url = "http://127.0.0.1:${this.target.address().port}"
${quick.replace(poll, '24h')}
[flows.steps]
flow = "probe-steps"
connections = { target = "target" }
` : ''}`;
    this.config = join(this.folder, 'mortise.toml');
    await writeFile(this.config, change(text));
  }

  get url() {
    return `http://127.0.0.1:${this.admin_port}`;
  }
  get arguments() {
    const more = this.target ? ['--plugins', join(build, 'test-plugins')] : [];
    return ['-c', this.config, '--plugins', join(build, 'plugins'), ...more];
  }
  get environment() {
    return { ICONIK_TOKEN: 'sandbox-integration-token', OTCS_PASSWORD: 'integration-pass' };
  }

  async start_host() {
    this.host = new child(program('mortise'), [...this.arguments, 'run'], this.environment);
    await until(async () => {
      if (this.host.ended) return true;
      await request(`http://127.0.0.1:${this.http_port}/health/ready`);
      this.token = (await readFile(join(this.folder, 'state/admin-token'), 'utf8')).trim();
      await this.api('/api/v1/journal');
      return true;
    }, 'the host', 60_000);
    if (this.host.ended) throw new Error(`the host did not start: ${this.host.output}`);
    // The first round of a poll takes stock: what was done before it is no change.
    await until(async () => {
      const found = await Promise.all(['iconik', 'otcs'].map((name) => this.api(`/api/v1/connections/${name}`)));
      return found.every((c) => c.triggers.every((t) => !t.open || t.polls > 0));
    }, 'the first polls', 60_000);
  }
  async stop_host(signal) {
    await this.host?.end(signal);
  }
  async stop() {
    await this.host?.end();
    await this.sandbox?.end();
    this.target?.closeAllConnections();
    this.target?.close();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }

  /** A request of the admin API, as the machine's own administrator. */
  api(path, method = 'GET', body = undefined) {
    return request(this.url + path, { method, body, token: this.token });
  }
  /** The text of a named token of this role. */
  async token_of(role, name = role) {
    return (await this.api('/api/v1/tokens', 'POST', { name, role })).token;
  }
  play_iconik(action, what) {
    return request(`${this.iconik}/__sandbox/play/${action}`, { method: 'POST', body: what });
  }
  async play_otcs(action, what) {
    // Dates there are whole seconds, and a poll trusts one it has read a few times.
    await request(`${this.otcs}/__sandbox/clock/advance`, { method: 'POST', body: { seconds: 2 } });
    return request(`${this.otcs}/__sandbox/play/${action}`, { method: 'POST', body: what });
  }
  fault(system, what) {
    return request(`${this[system]}/__sandbox/faults`, { method: 'POST', body: what });
  }
  clear_faults(system) {
    return request(`${this[system]}/__sandbox/faults`, { method: 'DELETE' });
  }
  /** Content Server refuses new items, once or as often as said, as it does when a name is taken. */
  refuse_items(count = 1) {
    return this.fault('otcs', {
      method: 'POST', path: '/otcs/cs/api/v2/nodes', status: 400, count,
      body: '{"error":"An item with this name already exists."}',
    });
  }
  async runs(state) {
    return (await this.api(`/api/v1/runs?limit=200${state ? `&state=${state}` : ''}`)).runs;
  }
  /** At least so many dead letters, and nothing under way. */
  dead_letters(n = 1) {
    return until(async () => {
      const failed = await this.runs('failed,in_doubt');
      const busy = await this.runs('ready,active');
      return failed.length >= n && busy.length === 0 && failed;
    }, `${n} dead letters`);
  }
}
