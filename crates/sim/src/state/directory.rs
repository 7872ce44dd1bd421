//! Directories: pages of at most 32 indexes in a ring. Owner directories keep a page sorted, book directories keep the
//! order of arrival. Never decides what is listed.

use ledger::Hash256;

use super::{Directory, DirectoryKind, Entry, Thread, View, index};

/// Indexes on a page (XRP Ledger documentation, "DirectoryNode").
pub const PAGE_ENTRIES: usize = 32;

/// Lists `key` in the directory at `root`, which is made when it is not there. Gives the page.
pub fn add(view: &mut View, root: Hash256, key: Hash256, kind: DirectoryKind) -> u64 {
    let Some(first) = view.directory(&root) else {
        insert_page(view, root, 0, key, kind, None);
        return 0;
    };
    let last = first.previous.unwrap_or(0);
    let last_key = index::page(root, last);
    let has_room = view.directory(&last_key).is_some_and(|page| page.indexes.len() < PAGE_ENTRIES);
    if has_room {
        if let Some(page) = view.directory_mut(&last_key) {
            match kind {
                DirectoryKind::Book { .. } => page.indexes.push(key),
                DirectoryKind::Owner(_) => {
                    page.indexes.sort_unstable();
                    let at = page.indexes.partition_point(|listed| *listed < key);
                    page.indexes.insert(at, key);
                }
            }
        }
        return last;
    }
    let next = last.saturating_add(1);
    if let Some(page) = view.directory_mut(&last_key) {
        page.next = Some(next);
    }
    if let Some(page) = view.directory_mut(&root) {
        page.previous = Some(next);
    }
    // The link to page 0 is left out: it is the default.
    insert_page(view, root, next, key, kind, (last != 0).then_some(last));
    next
}

fn insert_page(
    view: &mut View,
    root: Hash256,
    page: u64,
    key: Hash256,
    kind: DirectoryKind,
    previous: Option<u64>,
) {
    let entry = Directory { root, kind, indexes: vec![key], next: None, previous, thread: Thread::default() };
    view.insert(index::page(root, page), Entry::Directory(entry));
}

/// Takes `key` off a page of the directory. An empty page goes, and with the last one the directory. Gives whether it
/// was listed there.
pub fn remove(view: &mut View, root: Hash256, page: u64, key: Hash256) -> bool {
    let page_key = index::page(root, page);
    let Some(node) = view.directory_mut(&page_key) else {
        return false;
    };
    let Some(at) = node.indexes.iter().position(|listed| *listed == key) else {
        return false;
    };
    node.indexes.remove(at);
    if !node.indexes.is_empty() {
        return true;
    }
    let (previous, next) = (node.previous.unwrap_or(0), node.next.unwrap_or(0));
    if page == 0 {
        drop_root_when_alone(view, root, previous, next);
    } else {
        unlink(view, root, page_key, previous, next);
    }
    true
}

/// The root page is empty: it stays while other pages hold something.
fn drop_root_when_alone(view: &mut View, root: Hash256, previous: u64, next: u64) {
    let (mut previous, mut next) = (previous, next);
    if next == previous && next != 0 {
        let last = index::page(root, next);
        if view.directory(&last).is_some_and(|page| page.indexes.is_empty()) {
            if let Some(node) = view.directory_mut(&root) {
                node.next = Some(0);
                node.previous = Some(0);
            }
            view.erase(&last);
            (previous, next) = (0, 0);
        }
    }
    if next == 0 && previous == 0 {
        view.erase(&root);
    }
}

/// A page other than the root is empty: its neighbours are linked, and a root left alone and empty goes too.
fn unlink(view: &mut View, root: Hash256, page_key: Hash256, previous: u64, next: u64) {
    let (previous_key, next_key) = (index::page(root, previous), index::page(root, next));
    if let Some(node) = view.directory_mut(&previous_key) {
        node.next = Some(next);
    }
    if let Some(node) = view.directory_mut(&next_key) {
        node.previous = Some(previous);
    }
    view.erase(&page_key);
    let mut next = next;
    let last_is_empty = next != 0
        && view
            .directory(&next_key)
            .is_some_and(|node| node.next.unwrap_or(0) == 0 && node.indexes.is_empty());
    if last_is_empty {
        view.erase(&next_key);
        if let Some(node) = view.directory_mut(&previous_key) {
            node.next = Some(0);
        }
        if let Some(node) = view.directory_mut(&root) {
            node.previous = Some(previous);
        }
        next = 0;
    }
    if next == 0 && previous == 0 && view.directory(&previous_key).is_some_and(|node| node.indexes.is_empty())
    {
        view.erase(&previous_key);
    }
}

/// Every index listed in the directory, page by page.
pub fn listed(view: &View, root: Hash256) -> Vec<Hash256> {
    each(view, root).collect()
}

/// The same, one by one: who stops early reads no further pages.
pub fn each<'v>(view: &'v View, root: Hash256) -> impl Iterator<Item = Hash256> + 'v {
    let first = view.directory(&root);
    let pages = std::iter::successors(first, move |page| match page.next.unwrap_or(0) {
        0 => None,
        next => view.directory(&index::page(root, next)),
    });
    pages.flat_map(|page| page.indexes.iter().copied())
}

/// The first index listed in the directory.
pub fn first(view: &View, root: Hash256) -> Option<Hash256> {
    each(view, root).next()
}
