/* SPDX-License-Identifier: Apache-2.0 */
// An allocator as browsers have it, for a program to be linked with: a block's
// usable size is no multiple of eight (Chromium keeps four bytes of its own behind
// it), and a program that writes behind it is ended.
//
//   gcc -rdynamic p11-calls.c strict-heap.c
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

// Stands before the block; the mark stands behind it.
struct head {
    void *start;
    size_t usable;
};
static const uint32_t mark = 0x5AFE5AFE;

static struct head *head_of(void *block) { return (struct head *)block - 1; }

static void *allocate(size_t alignment, size_t size) {
    if (size > PTRDIFF_MAX - 2 * alignment - 64) {
        errno = ENOMEM;
        return NULL;
    }
    if (alignment < sizeof(struct head)) alignment = sizeof(struct head);
    size_t slot = (size + sizeof mark + 15) / 16 * 16;
    char *start = __libc_memalign(alignment, alignment + slot);
    if (!start) return NULL;
    char *block = start + alignment;
    *head_of(block) = (struct head){start, slot - sizeof mark};
    memcpy(block + slot - sizeof mark, &mark, sizeof mark);
    return block;
}

static size_t check(void *block) {
    size_t usable = head_of(block)->usable;
    if (memcmp((char *)block + usable, &mark, sizeof mark) != 0) {
        static const char message[] = "strict-heap: something was written behind a block\n";
        (void)!write(STDERR_FILENO, message, sizeof message - 1);
        _exit(70);
    }
    return usable;
}

void *malloc(size_t size) { return allocate(16, size); }

void free(void *block) {
    if (!block) return;
    check(block);
    __libc_free(head_of(block)->start);
}

void *calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = allocate(16, total);
    return block ? memset(block, 0, total) : NULL;
}

void *realloc(void *block, size_t size) {
    if (!block) return malloc(size);
    size_t usable = check(block);
    void *larger = malloc(size);
    if (!larger) return NULL;
    memcpy(larger, block, usable < size ? usable : size);
    free(block);
    return larger;
}

void *memalign(size_t alignment, size_t size) { return allocate(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return allocate(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = allocate(alignment, size);
    return *block ? 0 : ENOMEM;
}

size_t malloc_usable_size(void *block) { return block ? head_of(block)->usable : 0; }
