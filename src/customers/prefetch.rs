//! Asks the processor for memory that will be needed soon.
//!
//! A plain read would not do: it holds back everything behind it until the memory has come. The instruction has no safe form, so
//! this is the second module with `unsafe` code. Does not live here: what will be needed (`table`).
#![allow(
    unsafe_code,
    reason = "the instruction has no safe form; it can neither fault nor change what a program computes"
)]

/// Asks for the first and the last byte of a value: entries of customers lie in two lines of the cache.
#[inline(always)]
#[allow(clippy::inline_always, reason = "one instruction")]
pub(super) fn prefetch<T>(value: &T) {
    let first = std::ptr::from_ref(value).cast::<u8>();
    ask_for(first);
    if size_of::<T>() > 8 {
        ask_for(first.wrapping_add(size_of::<T>() - 1));
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(clippy::inline_always, reason = "one instruction")]
fn ask_for(address: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: the instruction is a hint. It is part of every x86-64 processor, does not fault whatever the address, and reads
    // or writes nothing that a program can see (Intel SDM, PREFETCHh). The addresses here are those of a valid reference.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
#[allow(clippy::inline_always, reason = "nothing")]
fn ask_for(_address: *const u8) {}
