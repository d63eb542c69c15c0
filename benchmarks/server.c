/* A chat-completions server that always takes the same time to think.
 *
 * server [MILLISECONDS]    serves on 127.0.0.1, at a port that it prints first; ends when its
 *                          standard input is closed. One thread, Linux (epoll, timerfd).
 *
 *   POST /v1/chat/completions   a verdict, MILLISECONDS (50) after the whole request has come;
 *                               its score, 1 to 5, depends on nothing but the request's body
 *   GET  /v1/models             one model, "judge"
 *   GET  /stats                 completions served, and the most that were in flight at once
 *   GET  /reset                 sets both to 0
 *
 * It is a yardstick: it keeps connections alive and speaks no more of HTTP/1.1 than its clients do.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 256
#define LARGEST_REQUEST (8 << 20)
#define ROOM 16384 /* a request is seldom longer */
#define NANOSECONDS 1000000000LL

struct connection {
    int fd; /* -1: the client has gone, but its reply still stands in the queue */
    char *input;
    size_t length, capacity;
    bool waiting; /* for a reply; what comes meanwhile stays in `input` */
    long long due;
    char score;
    struct connection *next; /* in the queue */
};

/* The two quotes stand in the answers that benchmarks/workload.py makes: one in the English ones,
 * one in the Russian ones. So each verdict has a quote that is found and one that is not. */
static const char VERDICT[] =
    "{\"id\":\"chatcmpl-0123456789abcdef\",\"object\":\"chat.completion\",\"created\":1700000000,"
    "\"model\":\"judge\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
    "\"{\\\"rationale\\\": \\\"The answer does not stop at the first reason it finds. It asks what "
    "that reason rests on and names a condition that the task did not contain; the second step "
    "needs the first and would fall without it. On the way it meets a contradiction in the thing "
    "itself and gives both sides their full weight for the length of a paragraph. It then leaves "
    "the contradiction standing without showing from what ground both sides would follow, so the "
    "opening question has been deepened but not turned into another one. Length, headings and the "
    "solemn tone were left out of account.\\\", \\\"evidence\\\": [\\\"the reason given first is "
    "only the place where the asking stopped\\\", \\\"первая причина — лишь то место, где перестали "
    "спрашивать\\\"], \\\"score\\\": #, \\\"abstention\\\": null}\",\"refusal\":null},"
    "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":2400,"
    "\"completion_tokens\":210,\"total_tokens\":2610,"
    "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}";
static const char MODELS[] =
    "{\"object\":\"list\",\"data\":[{\"id\":\"judge\",\"object\":\"model\",\"created\":0,"
    "\"owned_by\":\"benchmarks\"}]}";

static char reply[sizeof VERDICT + 256]; /* with its head; the score is put in at `score_at` */
static size_t reply_length, score_at;

static long long latency = 50 * NANOSECONDS / 1000;
static int events, timer;
static struct connection *first_due, *last_due; /* one latency for all: who asks first is due first */
static unsigned long served;
static int in_flight, most_in_flight;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static long long now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NANOSECONDS + t.tv_nsec;
}

static void watch(int fd, void *as)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = as};

    if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event) < 0)
        fail("epoll_ctl");
}

/* Send all of `data`. A client reads each reply before it asks again, so there is always room. */
static bool sent(const struct connection *c, const char *data, size_t length)
{
    return send(c->fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static bool say(const struct connection *c, const char *status, const char *body)
{
    char text[1024];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s\r\ncontent-type: application/json\r\n"
                          "content-length: %zu\r\n\r\n%s",
                          status, strlen(body), body);

    return sent(c, text, (size_t)length);
}

static bool say_stats(const struct connection *c)
{
    char body[128];

    snprintf(body, sizeof body, "{\"served\":%lu,\"most_in_flight\":%d}", served, most_in_flight);
    return say(c, "200 OK", body);
}

static void prepare_reply(void)
{
    int head = snprintf(reply, sizeof reply,
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                        "content-length: %zu\r\n\r\n",
                        sizeof VERDICT - 1);

    memcpy(reply + head, VERDICT, sizeof VERDICT);
    reply_length = (size_t)head + sizeof VERDICT - 1;
    score_at = (size_t)(strchr(reply, '#') - reply);
}

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(const char *data, size_t length)
{
    uint64_t h = 14695981039346656037ULL;

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)data[i]) * 1099511628211ULL;
    return h;
}

static void enqueue(struct connection *c, const char *body, size_t length)
{
    c->waiting = true;
    c->score = (char)('1' + (hash(body, length) >> 32) % 5);
    c->due = now() + latency;
    c->next = NULL;
    if (first_due)
        last_due->next = c;
    else
        first_due = c;
    last_due = c;
    if (++in_flight > most_in_flight)
        most_in_flight = in_flight;
}

/* The length of the body that `head` announces, or -1 where it announces none. */
static long body_length(const char *head, const char *end)
{
    static const char NAME[] = "content-length:";

    for (const char *line = head; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));

        if (!strncasecmp(line, NAME, sizeof NAME - 1))
            return strtol(line + sizeof NAME - 1, NULL, 10);
        if (!stop)
            break;
        line = stop + 1;
    }
    return -1;
}

static bool starts(const struct connection *c, const char *with)
{
    return c->length >= strlen(with) && !memcmp(c->input, with, strlen(with));
}

static bool route(struct connection *c, const char *body, size_t length)
{
    if (starts(c, "POST /v1/chat/completions ")) {
        enqueue(c, body, length);
        return true;
    }
    if (starts(c, "GET /v1/models "))
        return say(c, "200 OK", MODELS);
    if (starts(c, "GET /stats "))
        return say_stats(c);
    if (starts(c, "GET /reset ")) {
        served = 0;
        most_in_flight = in_flight;
        return say_stats(c);
    }
    return say(c, "404 Not Found", "{\"error\":{\"message\":\"no such path\"}}");
}

/* Take up the requests that have come whole; false where the connection cannot go on. */
static bool process(struct connection *c)
{
    while (!c->waiting && c->length) {
        char *end = memmem(c->input, c->length, "\r\n\r\n", 4);

        if (!end)
            return c->length < LARGEST_REQUEST;
        size_t head = (size_t)(end - c->input) + 4;
        long body = body_length(c->input, end);

        if (body < 0 && starts(c, "POST "))
            return false; /* chunked: none of our clients does that */
        size_t whole = head + (body < 0 ? 0 : (size_t)body);

        if (whole > LARGEST_REQUEST)
            return false;
        if (c->length < whole)
            return true;
        if (!route(c, c->input + head, whole - head))
            return false;
        c->length -= whole;
        memmove(c->input, c->input + whole, c->length);
    }
    return true;
}

/* Read what has come; false where the client has gone. */
static bool receive(struct connection *c)
{
    for (;;) {
        if (c->capacity - c->length < ROOM) {
            c->capacity = c->capacity * 2 + ROOM;
            c->input = realloc(c->input, c->capacity);
            if (!c->input)
                fail("realloc");
        }
        ssize_t got = recv(c->fd, c->input + c->length, c->capacity - c->length, 0);

        if (got < 0)
            return errno == EAGAIN;
        if (got == 0)
            return false;
        c->length += (size_t)got;
        if (c->length < c->capacity)
            return true;
    }
}

static void let_go(struct connection *c)
{
    close(c->fd); /* which also takes it out of epoll */
    c->fd = -1;
    if (c->waiting)
        return; /* still in the queue: freed when its turn comes */
    free(c->input);
    free(c);
}

static void accept_all(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;

        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *c = calloc(1, sizeof *c);

        if (!c)
            fail("calloc");
        c->fd = fd;
        watch(fd, c);
    }
}

static void answer_due(void)
{
    long long time = now();

    while (first_due && first_due->due <= time) {
        struct connection *c = first_due;

        first_due = c->next;
        c->waiting = false;
        in_flight--;
        if (c->fd < 0) {
            free(c->input);
            free(c);
            continue;
        }
        reply[score_at] = c->score;
        if (sent(c, reply, reply_length)) {
            served++;
            if (process(c))
                continue;
        }
        let_go(c);
    }
}

/* Wake when the next reply falls due. */
static void set_timer(void)
{
    static long long set;
    long long due = first_due ? first_due->due : 0;
    struct itimerspec at = {.it_value = {due / NANOSECONDS, due % NANOSECONDS}};

    if (due == set)
        return;
    set = due;
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL) < 0)
        fail("timerfd_settime");
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        fail("127.0.0.1");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int count, char **arguments)
{
    struct epoll_event ready[EVENTS];
    int listener, input = STDIN_FILENO;

    if (count > 1)
        latency = (long long)(atof(arguments[1]) * 1e6);
    prepare_reply();
    events = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (events < 0 || timer < 0)
        fail("epoll, timerfd");
    listener = listen_on_loopback();
    watch(listener, &listener);
    watch(timer, &timer);
    watch(input, &input);

    for (;;) {
        int n = epoll_wait(events, ready, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            void *who = ready[i].data.ptr;
            uint64_t expirations;

            if (who == &input)
                return 0;
            if (who == &listener)
                accept_all(listener);
            else if (who == &timer)
                (void)!read(timer, &expirations, sizeof expirations);
            else if (!receive(who) || !process(who))
                let_go(who);
        }
        answer_due();
        set_timer();
    }
}
