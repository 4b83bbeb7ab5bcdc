/* SPDX-License-Identifier: Apache-2.0
 *
 * A complete Mortise connector in one C11 file, with no library but the C library: durable
 * counters.
 *
 *   counter.get  {"name":"a"}             -> {"value":3}    changes nothing
 *   counter.set  {"name":"a","value":3}   -> {"value":3}    a repeat changes nothing more
 *   counter.add  {"name":"a","by":2}      -> {"value":5}    a repeat would add again
 *   trigger "changes" (poll): one event counter.changed for each counter that changed since the
 * cursor
 *
 * The values live in mortise.state/1, so they survive restarts; compare-and-set keeps adds from
 * losing each other. Read it from the bottom: entry, descriptor, the functions of an instance, then
 * JSON.
 */
#include <mortise/call.h>
#include <mortise/plugin.h>
#include <mortise/state.h>
#include <mortise/trigger.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(t)                                                                                    \
    { "" t, sizeof(t) - 1 }
#define NAME_MAX_BYTES 64
#define PREFIX "counter."

static mortise_str str(const char* ptr, size_t len) {
    mortise_str s = {ptr, len};
    return s;
}
static bool str_is(mortise_str s, const char* text) {
    return s.len == strlen(text) && memcmp(s.ptr, text, (size_t)s.len) == 0;
}

/* ---- JSON: one flat object in, numbers and plain names out ------------------------------------
 */

typedef struct cursor {
    const char* at;
    const char* end;
} cursor;

static void skip_space(cursor* c) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
        c->at++;
}
static bool skip_char(cursor* c, char wanted) {
    skip_space(c);
    if (c->at == c->end || *c->at != wanted) return false;
    c->at++;
    return true;
}
/* A string without its quotes, escapes left as they are. */
static bool read_string(cursor* c, mortise_str* out) {
    if (!skip_char(c, '"')) return false;
    const char* begin = c->at;
    while (c->at < c->end && *c->at != '"')
        c->at += *c->at == '\\' && c->at + 1 < c->end ? 2 : 1;
    if (c->at >= c->end) return false;
    *out = str(begin, (size_t)(c->at - begin));
    c->at++;
    return true;
}
/* A number, true, false or null: everything up to the next separator. */
static bool read_plain(cursor* c, mortise_str* out) {
    skip_space(c);
    const char* begin = c->at;
    while (c->at < c->end && strchr(",}] \t\r\n", *c->at) == NULL)
        c->at++;
    *out = str(begin, (size_t)(c->at - begin));
    return out->len > 0;
}
static bool to_int(mortise_str text, int64_t* out) {
    char digits[24];
    char* rest = NULL;
    if (text.len == 0 || text.len >= sizeof digits) return false;
    memcpy(digits, text.ptr, (size_t)text.len);
    digits[text.len] = '\0';
    errno = 0;
    const long long value = strtoll(digits, &rest, 10);
    if (errno != 0 || *rest != '\0' || digits[0] == '+' || digits[0] == ' ') return false;
    *out = value;
    return true;
}

/* The member of a flat object; false when it is not there or the text is not such an object. */
static bool find_member(mortise_bytes json, const char* wanted, bool is_string, mortise_str* out) {
    const char* begin = json.len != 0 ? json.ptr : "";
    cursor c = {begin, begin + json.len};
    if (!skip_char(&c, '{') || skip_char(&c, '}')) return false;
    do {
        mortise_str key;
        mortise_str value;
        if (!read_string(&c, &key) || !skip_char(&c, ':')) return false;
        skip_space(&c);
        const bool quoted = c.at < c.end && *c.at == '"';
        if (!(quoted ? read_string(&c, &value) : read_plain(&c, &value))) return false;
        if (str_is(key, wanted)) {
            *out = value;
            return quoted == is_string;
        }
    } while (skip_char(&c, ','));
    return false;
}
static bool find_int(mortise_bytes json, const char* wanted, int64_t* out) {
    mortise_str text;
    return find_member(json, wanted, false, &text) && to_int(text, out);
}

/* Names become part of a state key and of JSON texts, so only characters that need no escape. */
static bool is_name(mortise_str s) {
    if (s.len == 0 || s.len > NAME_MAX_BYTES) return false;
    for (uint64_t i = 0; i < s.len; ++i) {
        const char c = s.ptr[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_') return false;
    }
    return true;
}

/* ---- answers ----------------------------------------------------------------------------------
 */

typedef struct counter_self {
    const mortise_svc_call* calls;
    const mortise_svc_state* state;
    const mortise_svc_trigger* triggers;
    mortise_handle trigger;
} counter_self;

static mortise_error make_error(mortise_category category, const char* code, const char* message) {
    mortise_error e;
    memset(&e, 0, sizeof e);
    e.struct_size = sizeof e;
    e.category = category;
    e.effect = MORTISE_EFFECT_NONE;
    e.code = str(code, strlen(code));
    e.message = str(message, strlen(message));
    return e;
}
static mortise_payload json_of(const char* text, size_t len) {
    mortise_payload p = {TEXT("application/json"), {text, len}};
    return p;
}
static void fail(const counter_self* self, mortise_handle call, const mortise_error* e) {
    self->calls->fail(self->calls->ctx, call, e);
}
static void complete_with(const counter_self* self, mortise_handle call, int64_t value) {
    char text[48];
    const int n = snprintf(text, sizeof text, "{\"value\":%lld}", (long long)value);
    const mortise_payload result = json_of(text, (size_t)n);
    self->calls->complete(self->calls->ctx, call, &result, 0);
}

/* ---- operations -------------------------------------------------------------------------------
 */

typedef enum action { GET, SET, ADD } action;

/* One accepted call on its way through the state service. */
typedef struct pending {
    const counter_self* self;
    mortise_handle call;
    action what;
    int64_t operand;
    int64_t wanted; /* the value being written */
    size_t key_len;
    char key[sizeof PREFIX + NAME_MAX_BYTES];
} pending;

static void
on_read(void* user, const mortise_payload* value, uint64_t version, const mortise_error* e);

static void read_again(pending* p) {
    const mortise_svc_state* s = p->self->state;
    if (s->get(s->ctx, str(p->key, p->key_len), on_read, p) == MORTISE_OK) return;
    const mortise_error e = make_error(MORTISE_CAT_UNAVAILABLE, "counter.state.refused",
                                       "The state cannot be read now.");
    fail(p->self, p->call, &e);
    free(p);
}

static void
on_written(void* user, const mortise_payload* value, uint64_t version, const mortise_error* e) {
    pending* p = user;
    (void)value;
    (void)version;
    /* Somebody else was faster: begin again from what is there now. */
    if (e != NULL && e->category == MORTISE_CAT_CONFLICT &&
        !p->self->calls->cancelled(p->self->calls->ctx, p->call)) {
        read_again(p);
        return;
    }
    if (e != NULL)
        fail(p->self, p->call, e);
    else
        complete_with(p->self, p->call, p->wanted);
    free(p);
}

static void
on_read(void* user, const mortise_payload* value, uint64_t version, const mortise_error* e) {
    pending* p = user;
    const mortise_svc_state* s = p->self->state;
    int64_t now = 0;
    mortise_error bad;
    if (e == NULL && value != NULL && !find_int(value->data, "value", &now)) {
        bad = make_error(MORTISE_CAT_INTERNAL, "counter.state.unreadable",
                         "The stored counter is not readable.");
        e = &bad;
    }
    if (e == NULL && p->what == ADD &&
        ((p->operand > 0 && now > INT64_MAX - p->operand) ||
         (p->operand < 0 && now < INT64_MIN - p->operand))) {
        bad = make_error(MORTISE_CAT_INPUT, "counter.add.overflow",
                         "The sum does not fit 64 bits; add less.");
        e = &bad;
    }
    if (e == NULL && p->what != GET) {
        char text[48];
        p->wanted = p->what == SET ? p->operand : now + p->operand;
        const int n = snprintf(text, sizeof text, "{\"value\":%lld}", (long long)p->wanted);
        const mortise_payload fresh = json_of(text, (size_t)n);
        if (s->put(s->ctx, str(p->key, p->key_len), &fresh, version, on_written, p) == MORTISE_OK)
            return;
        bad = make_error(MORTISE_CAT_UNAVAILABLE, "counter.state.refused",
                         "The state cannot be written now.");
        e = &bad;
    }
    if (e != NULL)
        fail(p->self, p->call, e);
    else
        complete_with(p->self, p->call, now);
    free(p);
}

static mortise_status counter_invoke(void* user, const mortise_call* call, mortise_error_sink err) {
    const counter_self* self = user;
    mortise_str name;
    int64_t operand = 0;
    action what = GET;
    const char* member = NULL;
    if (str_is(call->operation, "counter.set")) {
        what = SET;
        member = "value";
    } else if (str_is(call->operation, "counter.add")) {
        what = ADD;
        member = "by";
    } else if (!str_is(call->operation, "counter.get")) {
        const mortise_error e =
            make_error(MORTISE_CAT_INPUT, "counter.operation.unknown",
                       "There is no such operation; see the plugin's manifest.");
        err.set(err.ctx, &e);
        return MORTISE_E_UNSUPPORTED;
    }
    if (!find_member(call->input.data, "name", true, &name) || !is_name(name)) {
        const mortise_error e = make_error(MORTISE_CAT_INPUT, "counter.input.name",
                                           "\"name\" must be 1 to 64 letters, digits, - or _.");
        err.set(err.ctx, &e);
        return MORTISE_E_ARGUMENT;
    }
    if (member != NULL && !find_int(call->input.data, member, &operand)) {
        const mortise_error e =
            make_error(MORTISE_CAT_INPUT, "counter.input.number",
                       "\"value\" (for set) or \"by\" (for add) must be a whole number.");
        err.set(err.ctx, &e);
        return MORTISE_E_ARGUMENT;
    }
    pending* p = malloc(sizeof *p);
    if (p == NULL) return MORTISE_E_LIMIT;
    p->self = self;
    p->call = call->id;
    p->what = what;
    p->operand = operand;
    p->key_len = sizeof PREFIX - 1 + (size_t)name.len;
    memcpy(p->key, PREFIX, sizeof PREFIX - 1);
    memcpy(p->key + sizeof PREFIX - 1, name.ptr, (size_t)name.len);
    read_again(p);
    return MORTISE_OK;
}

/* Calls end by themselves as soon as the state service answers; there is nothing to interrupt. */
static void counter_cancel(void* self, mortise_handle call) {
    (void)self;
    (void)call;
}

/* ---- the trigger ------------------------------------------------------------------------------
 */

/* The cursor is the list of counters as the last poll saw it: what differs from it has changed. */
typedef struct poll {
    const counter_self* self;
    mortise_handle call;
    size_t cursor_len;
    char cursor[]; /* the old list */
} poll;

static void on_emitted(void* user, mortise_status st, const mortise_error* e) {
    poll* p = user;
    if (st == MORTISE_OK) {
        p->self->calls->complete(p->self->calls->ctx, p->call, NULL, 0);
    } else {
        const mortise_error unknown = make_error(MORTISE_CAT_UNAVAILABLE, "counter.emit.failed",
                                                 "The events were not taken.");
        fail(p->self, p->call, e != NULL ? e : &unknown);
    }
    free(p);
}

typedef struct entry_text {
    mortise_str key;
    int64_t version;
    int64_t value;
} entry_text;

/* One element of the state service's list: {"key":..,"version":..,"value":{"value":..}}. */
static bool read_entry(cursor* c, entry_text* out) {
    static const char* const names[] = {"key", "version", "value"};
    mortise_str name;
    mortise_str text;
    if (!skip_char(c, '{')) return false;
    unsigned seen = 0;
    do {
        if (!read_string(c, &name) || !skip_char(c, ':')) return false;
        if (str_is(name, names[0])) {
            if (!read_string(c, &out->key)) return false;
            seen |= 1u;
        } else if (str_is(name, names[1])) {
            if (!read_plain(c, &text) || !to_int(text, &out->version)) return false;
            seen |= 2u;
        } else if (str_is(name, names[2])) {
            if (!skip_char(c, '{') || !read_string(c, &name) || !skip_char(c, ':') ||
                !read_plain(c, &text) || !to_int(text, &out->value) || !skip_char(c, '}'))
                return false;
            seen |= 4u;
        } else {
            return false;
        }
    } while (skip_char(c, ','));
    return seen == 7u && skip_char(c, '}');
}

/* True when the old list holds this key in this version. */
static bool was_there(const poll* p, const entry_text* wanted) {
    cursor c = {p->cursor, p->cursor + p->cursor_len};
    entry_text old;
    if (!skip_char(&c, '[')) return false;
    while (read_entry(&c, &old)) {
        if (old.version == wanted->version && old.key.len == wanted->key.len &&
            memcmp(old.key.ptr, wanted->key.ptr, (size_t)old.key.len) == 0)
            return true;
        if (!skip_char(&c, ',')) break;
    }
    return false;
}

enum {
    MOST_EVENTS = 100,
    ID_BYTES = sizeof PREFIX + NAME_MAX_BYTES + 24,
    DATA_BYTES = NAME_MAX_BYTES + 64
};

typedef struct batch {
    mortise_event events[MOST_EVENTS];
    char ids[MOST_EVENTS][ID_BYTES];
    char data[MOST_EVENTS][DATA_BYTES];
    size_t n;
} batch;

static void add_event(batch* b, const entry_text* entry) {
    mortise_event* e = &b->events[b->n];
    const int key_len = (int)entry->key.len;
    const mortise_str name =
        str(entry->key.ptr + sizeof PREFIX - 1, (size_t)entry->key.len - (sizeof PREFIX - 1));
    memset(e, 0, sizeof *e);
    /* Made from facts of the counter, so that a change seen twice is one event. */
    int n = snprintf(b->ids[b->n], ID_BYTES, "%.*s@%lld", key_len, entry->key.ptr,
                     (long long)entry->version);
    e->id = str(b->ids[b->n], (size_t)n);
    e->type = str("counter.changed", sizeof "counter.changed" - 1);
    e->subject = name;
    n = snprintf(b->data[b->n], DATA_BYTES, "{\"name\":\"%.*s\",\"value\":%lld}", (int)name.len,
                 name.ptr, (long long)entry->value);
    e->data = json_of(b->data[b->n], (size_t)n);
    b->n++;
}

static void
on_listed(void* user, const mortise_payload* list, mortise_handle content, const mortise_error* e) {
    poll* p = user;
    const mortise_svc_trigger* t = p->self->triggers;
    mortise_error bad = make_error(MORTISE_CAT_INTERNAL, "counter.state.unreadable",
                                   "The list of counters is not readable.");
    (void)content;
    batch* b = e == NULL ? calloc(1, sizeof *b) : NULL;
    if (e == NULL && b == NULL)
        bad = make_error(MORTISE_CAT_LIMIT, "counter.memory",
                         "There is not enough memory for the poll.");
    bool readable = b != NULL && list != NULL;
    if (readable) {
        cursor c = {list->data.ptr, (const char*)list->data.ptr + list->data.len};
        entry_text entry;
        readable = skip_char(&c, '[');
        while (readable && !skip_char(&c, ']')) {
            readable = read_entry(&c, &entry) && entry.key.len > sizeof PREFIX - 1 &&
                       entry.key.len < sizeof PREFIX + NAME_MAX_BYTES && b->n < MOST_EVENTS;
            if (readable && !was_there(p, &entry)) add_event(b, &entry);
            skip_char(&c, ',');
        }
    }
    if (readable) {
        const mortise_status st =
            t->emit(t->ctx, p->self->trigger, p->call, b->events, b->n, list->data, on_emitted, p);
        free(b);
        if (st == MORTISE_OK) return;
        bad = make_error(MORTISE_CAT_UNAVAILABLE, "counter.emit.refused",
                         "The host takes no events now; the next poll tries again.");
    } else {
        free(b);
    }
    fail(p->self, p->call, e != NULL ? e : &bad);
    free(p);
}

static mortise_status counter_open_trigger(void* user,
                                           mortise_handle trigger,
                                           mortise_str id,
                                           mortise_payload config,
                                           mortise_bytes cur,
                                           mortise_error_sink err) {
    counter_self* self = user;
    (void)config;
    (void)cur;
    if (!str_is(id, "changes") || self->trigger != 0) {
        const mortise_error e =
            make_error(MORTISE_CAT_CONFIG, "counter.trigger.unknown",
                       "The only trigger is \"changes\", and it is opened once.");
        err.set(err.ctx, &e);
        return MORTISE_E_FAILED;
    }
    self->trigger = trigger;
    return MORTISE_OK;
}

static mortise_status counter_deliver(void* user,
                                      mortise_handle trigger,
                                      const mortise_delivery* d,
                                      mortise_error_sink err) {
    const counter_self* self = user;
    const mortise_svc_state* s = self->state;
    (void)err;
    if (d->kind != MORTISE_TRIGGER_POLL || trigger != self->trigger) return MORTISE_E_UNSUPPORTED;
    poll* p = malloc(sizeof *p + (size_t)d->cursor.len);
    if (p == NULL) return MORTISE_E_LIMIT;
    p->self = self;
    p->call = d->id;
    p->cursor_len = (size_t)d->cursor.len;
    if (d->cursor.len != 0) memcpy(p->cursor, d->cursor.ptr, (size_t)d->cursor.len);
    const mortise_status st =
        s->list(s->ctx, str(PREFIX, sizeof PREFIX - 1), str("", 0), MOST_EVENTS, on_listed, p);
    if (st != MORTISE_OK) free(p);
    return st;
}

/* Polls are delivered one by one, so there is nothing to resume. */
static void counter_resume(void* self, mortise_handle trigger) {
    (void)self;
    (void)trigger;
}

static mortise_status counter_close_trigger(void* user,
                                            mortise_handle trigger,
                                            mortise_done_fn closed,
                                            void* closed_user) {
    counter_self* self = user;
    if (trigger != self->trigger) return MORTISE_E_STATE;
    self->trigger = 0;
    closed(closed_user, MORTISE_OK, NULL);
    return MORTISE_OK;
}

/* ---- the instance -----------------------------------------------------------------------------
 */

static const void* service(const mortise_host* h, mortise_handle instance, const char* id) {
    return h->get_service(h, instance, str(id, strlen(id)));
}

static mortise_status counter_create(const mortise_host* h,
                                     mortise_handle instance,
                                     mortise_payload config,
                                     mortise_error_sink err,
                                     void** out) {
    counter_self* self = calloc(1, sizeof *self);
    (void)config; /* config_schema allows no key */
    if (self == NULL) return MORTISE_E_LIMIT;
    self->calls = service(h, instance, MORTISE_SVC_CALL);
    self->state = service(h, instance, MORTISE_SVC_STATE);
    self->triggers = service(h, instance, MORTISE_SVC_TRIGGER);
    if (self->calls == NULL || self->state == NULL || self->triggers == NULL) {
        const mortise_error e =
            make_error(MORTISE_CAT_CONFIG, "counter.service.missing",
                       "The connection needs the grants call, state and trigger.");
        err.set(err.ctx, &e);
        free(self);
        return MORTISE_E_FAILED;
    }
    *out = self;
    return MORTISE_OK;
}

static void counter_destroy(void* self) {
    free(self);
}

/* ---- what the plugin offers -------------------------------------------------------------------
 */

#define NAME_SCHEMA                                                                                \
    "\"name\":{\"type\":\"string\",\"title\":\"Counter\",\"pattern\":\"^[A-Za-z0-9_-]{1,64}$\"}"
#define VALUE_SCHEMA                                                                               \
    "{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"integer\"}},\"required\":["        \
    "\"value\"]}"

static const mortise_operation operations[] = {
    {sizeof(mortise_operation), 0, MORTISE_EFFECT_CLASS_READ, 0, TEXT("counter.get"),
     TEXT("Read a counter"), TEXT("The value of a counter; 0 when it was never set."),
     TEXT("{\"type\":\"object\",\"properties\":{" NAME_SCHEMA "},\"required\":[\"name\"]}"),
     TEXT(VALUE_SCHEMA), TEXT("")},
    {sizeof(mortise_operation), 0, MORTISE_EFFECT_CLASS_IDEMPOTENT, 0, TEXT("counter.set"),
     TEXT("Set a counter"), TEXT("Sets a counter to a value."),
     TEXT("{\"type\":\"object\",\"properties\":{" NAME_SCHEMA
          ",\"value\":{\"type\":\"integer\"}},\"required\":[\"name\",\"value\"]}"),
     TEXT(VALUE_SCHEMA), TEXT("")},
    {sizeof(mortise_operation), 0, MORTISE_EFFECT_CLASS_UNSAFE, 0, TEXT("counter.add"),
     TEXT("Add to a counter"), TEXT("Adds a number, which may be negative."),
     TEXT("{\"type\":\"object\",\"properties\":{" NAME_SCHEMA
          ",\"by\":{\"type\":\"integer\"}},\"required\":[\"name\",\"by\"]}"),
     TEXT(VALUE_SCHEMA), TEXT("")}};

static const mortise_event_type events[] = {
    {sizeof(mortise_event_type), 0, TEXT("counter.changed"), TEXT("Counter changed"),
     TEXT("A counter has another value than at the last poll."),
     TEXT("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"
          "\"value\":{\"type\":\"integer\"}},\"required\":[\"name\",\"value\"]}")}};

static const mortise_trigger triggers[] = {
    {sizeof(mortise_trigger), MORTISE_TRIGGER_POLL, TEXT("changes"), TEXT("Changed counters"),
     TEXT("One event for each counter that changed since the last poll; up to 100 counters."),
     TEXT("{\"type\":\"object\",\"additionalProperties\":false}"), events, 1,
     sizeof(mortise_event_type), 60}};

static const mortise_str required[] = {TEXT(MORTISE_SVC_CALL), TEXT(MORTISE_SVC_STATE),
                                       TEXT(MORTISE_SVC_TRIGGER)};

static const mortise_connector connector = {
    .struct_size = sizeof(mortise_connector),
    .id = TEXT("counter"),
    .version = TEXT("1.0.0"),
    .title = TEXT("Counters"),
    .vendor = TEXT("Mortise"),
    .doc = TEXT("Durable counters: the smallest connector that does something."),
    .config_schema = TEXT("{\"type\":\"object\",\"additionalProperties\":false}"),
    .requires_services = required,
    .requires_count = sizeof required / sizeof required[0],
    .operations = operations,
    .operation_count = sizeof operations / sizeof operations[0],
    .operation_stride = sizeof(mortise_operation),
    .trigger_stride = sizeof(mortise_trigger),
    .triggers = triggers,
    .trigger_count = sizeof triggers / sizeof triggers[0],
    .create = counter_create,
    .destroy = counter_destroy,
    .invoke = counter_invoke,
    .cancel = counter_cancel,
    .open_trigger = counter_open_trigger,
    .deliver = counter_deliver,
    .resume = counter_resume,
    .close_trigger = counter_close_trigger};

static const void* get_factory(mortise_str id, uint64_t index) {
    return index == 0 && str_is(id, MORTISE_FACTORY_CONNECTOR) ? &connector : NULL;
}

static const mortise_entry entry = {.magic = MORTISE_ABI_MAGIC,
                                    .struct_size = sizeof(mortise_entry),
                                    .abi_major = MORTISE_ABI_MAJOR,
                                    .abi_minor = MORTISE_ABI_MINOR,
                                    .id = TEXT("com.example.counter"),
                                    .version = TEXT("1.0.0"),
                                    .sdk = TEXT("plain C"),
                                    .get_factory = get_factory};

const mortise_entry* mortise_plugin_entry_v1(void) {
    return &entry;
}
