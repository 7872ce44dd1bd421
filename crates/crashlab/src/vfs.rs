//! The file layer that SQLite is given (sqlite.org/vfs.html): a table of C functions, each of which asks a [`Folder`]
//! and turns its answer into SQLite's codes. The only unsafe code of the house; it decides nothing.
#![allow(
    unsafe_code,
    reason = "SQLite takes a file layer as C functions over raw pointers, and as nothing else"
)]
#![allow(clippy::cast_sign_loss, reason = "lengths and offsets that SQLite gives are never below zero")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use rusqlite::ffi;

use crate::folder::{FileNo, Folder};
use crate::trouble::Wrong;

/// The name by which SQLite is asked for this layer.
pub const NAME: &str = "crashlab";
const NAME_C: &CStr = c"crashlab";

/// A folder that SQLite's threads share.
pub type SharedFolder = Arc<Mutex<Folder>>;

/// What SQLite keeps of an open file: its table first, then ours.
#[repr(C)]
struct Handle {
    base: ffi::sqlite3_file,
    open: *mut OpenFile,
}

struct OpenFile {
    folder: SharedFolder,
    file: FileNo,
    number: u64,
    /// SQLite's own layer syncs the folder with the first sync of a log or journal it has made.
    names_due: bool,
    delete_on_close: Option<String>,
}

static FOLDERS: LazyLock<Mutex<BTreeMap<PathBuf, SharedFolder>>> = LazyLock::new(|| {
    register();
    Mutex::default()
});

/// Puts a folder at a path: files there are found in it from now on.
pub fn mount(dir: &Path, folder: &SharedFolder) {
    locked(&FOLDERS).insert(dir.to_owned(), Arc::clone(folder));
}

/// Takes the folder at a path away. What is open stays open.
pub fn unmount(dir: &Path) {
    locked(&FOLDERS).remove(dir);
}

/// Seeds the numbers that SQLite draws, of the whole process: salts of the log, the database's own name.
pub fn seed_sqlite(seed: u64) {
    let seed = c_int::try_from(seed & 0x7FFF_FFFF).unwrap_or(1).max(1);
    // SAFETY: this operation takes an int and a connection, which may be null (sqlite3.h, SQLITE_TESTCTRL_PRNG_SEED).
    unsafe {
        ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_PRNG_SEED, seed, std::ptr::null_mut::<ffi::sqlite3>());
    }
}

/// Locks, also after a panic of another thread: the bytes are still what they are.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn register() {
    // SAFETY: takes one int; nothing has started SQLite yet, and if something has it is refused and nothing is lost.
    unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
    let methods = Box::new(ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: c_int::try_from(size_of::<Handle>()).unwrap_or(c_int::MAX),
        mxPathname: 1024,
        pNext: std::ptr::null_mut(),
        zName: NAME_C.as_ptr(),
        pAppData: std::ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_path),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: None,
        xCurrentTimeInt64: Some(current_time_64),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    });
    // SAFETY: the table lives for ever, as SQLite demands; it is no default layer.
    let code = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(methods), 0) };
    assert_eq!(code, ffi::SQLITE_OK, "SQLite takes the file layer");
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 3,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: Some(fetch),
    xUnfetch: Some(unfetch),
};

/// SAFETY of every use: SQLite gives a file that [`open`] has filled and [`close`] has not emptied.
unsafe fn file<'a>(handle: *mut ffi::sqlite3_file) -> &'a mut OpenFile {
    // SAFETY: as above; SQLite never uses one file from two threads at a time.
    unsafe { &mut *(*handle.cast::<Handle>()).open }
}

fn code(result: Result<(), Wrong>, broken: c_int) -> c_int {
    match result {
        Ok(()) => ffi::SQLITE_OK,
        Err(Wrong::Full) => ffi::SQLITE_FULL,
        Err(Wrong::Missing | Wrong::Broken | Wrong::Dead) => broken,
    }
}

/// The folder and the name of a path.
fn find(path: *const c_char) -> Option<(SharedFolder, String)> {
    // SAFETY: SQLite gives names that end with a zero.
    let path = Path::new(unsafe { CStr::from_ptr(path) }.to_str().ok()?);
    let folder = locked(&FOLDERS).get(path.parent()?).cloned()?;
    Some((folder, path.file_name()?.to_str()?.to_owned()))
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    handle: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let handle = handle.cast::<Handle>();
    // SAFETY: SQLite gives room for a whole handle; without a table it will not be closed.
    unsafe { (*handle).base.pMethods = std::ptr::null() };
    let temporary = || Some((SharedFolder::default(), "temporary".to_owned()));
    let Some((folder, name)) = (if name.is_null() { temporary() } else { find(name) }) else {
        return ffi::SQLITE_CANTOPEN;
    };
    let opened = locked(&folder).open(&name, flags & ffi::SQLITE_OPEN_CREATE != 0);
    let (file, made) = match opened {
        Ok(opened) => opened,
        Err(wrong) => return code(Err(wrong), ffi::SQLITE_CANTOPEN),
    };
    let journal = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL;
    let number = locked(&folder).handle();
    let open = OpenFile {
        folder,
        file,
        number,
        names_due: made && flags & journal != 0,
        delete_on_close: (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then_some(name),
    };
    // SAFETY: as above; `out` may be null.
    unsafe {
        (*handle).open = Box::into_raw(Box::new(open));
        (*handle).base.pMethods = &raw const METHODS;
        if !out.is_null() {
            *out = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(handle: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: made by `open` from a box, and closed once.
    let open = unsafe { Box::from_raw((*handle.cast::<Handle>()).open) };
    let mut folder = locked(&open.folder);
    if let Some(locks) = folder.locks.get_mut(&open.file) {
        locks.release(open.number, 0);
    }
    if let Some(name) = &open.delete_on_close {
        folder.delete(name, false).unwrap_or_default();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(handle: *mut ffi::sqlite3_file, into: *mut c_void, n: c_int, at: i64) -> c_int {
    // SAFETY: see `file`; SQLite gives room for `n` bytes.
    let (open, into) =
        unsafe { (file(handle), std::slice::from_raw_parts_mut(into.cast::<u8>(), n as usize)) };
    match locked(&open.folder).read(open.file, at as u64, into) {
        Ok(true) => ffi::SQLITE_OK,
        Ok(false) => ffi::SQLITE_IOERR_SHORT_READ,
        Err(wrong) => code(Err(wrong), ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(handle: *mut ffi::sqlite3_file, from: *const c_void, n: c_int, at: i64) -> c_int {
    // SAFETY: see `file`; SQLite gives `n` bytes.
    let (open, bytes) = unsafe { (file(handle), std::slice::from_raw_parts(from.cast::<u8>(), n as usize)) };
    code(locked(&open.folder).write(open.file, at as u64, bytes), ffi::SQLITE_IOERR_WRITE)
}

unsafe extern "C" fn truncate(handle: *mut ffi::sqlite3_file, len: i64) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    code(locked(&open.folder).truncate(open.file, len as u64), ffi::SQLITE_IOERR_TRUNCATE)
}

unsafe extern "C" fn sync(handle: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    let mut folder = locked(&open.folder);
    let synced = folder.sync(open.file);
    if synced.is_ok() && open.names_due {
        // SQLite's own layer takes no notice when this fails, and does not try again (os_unix.c, unixSync).
        open.names_due = false;
        folder.sync_names().unwrap_or_default();
    }
    code(synced, ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(handle: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: see `file`; SQLite gives room for the answer.
    unsafe {
        let open = file(handle);
        *out = i64::try_from(locked(&open.folder).len(open.file)).unwrap_or(i64::MAX);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(handle: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    let taken = locked(&open.folder).locks.entry(open.file).or_default().take(open.number, level);
    if taken { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn unlock(handle: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    locked(&open.folder).locks.entry(open.file).or_default().release(open.number, level);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved(handle: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: see `file`; SQLite gives room for the answer.
    unsafe {
        let open = file(handle);
        *out = locked(&open.folder).locks.entry(open.file).or_default().is_reserved().into();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

/// As SQLite's own layer says of a disk: a write that is torn leaves its neighbours alone.
unsafe extern "C" fn characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    handle: *mut ffi::sqlite3_file,
    region: c_int,
    _: c_int,
    make: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: see `file`; a region lives until the last connection has left it (`Locks::leave`).
    unsafe {
        let open = file(handle);
        let mut folder = locked(&open.folder);
        let locks = folder.locks.entry(open.file).or_default();
        let found = locks.region(open.number, region as usize, make != 0);
        *out = found.map_or(std::ptr::null_mut(), <*mut u64>::cast);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn shm_lock(handle: *mut ffi::sqlite3_file, at: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    let mask = u16::try_from(((1u32 << n) - 1) << at).unwrap_or(u16::MAX);
    let mut folder = locked(&open.folder);
    let locks = folder.locks.entry(open.file).or_default();
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        if locks.release_slots(open.number, mask) {
            folder.writer_free();
        }
        return ffi::SQLITE_OK;
    }
    let taken = locks.take_slots(open.number, mask, flags & ffi::SQLITE_SHM_EXCLUSIVE != 0);
    if taken { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(handle: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    if let Some(locks) = locked(&open.folder).locks.get_mut(&open.file) {
        locks.leave(open.number);
    }
    ffi::SQLITE_OK
}

/// Nothing is mapped into memory.
unsafe extern "C" fn fetch(_: *mut ffi::sqlite3_file, _: i64, _: c_int, out: *mut *mut c_void) -> c_int {
    // SAFETY: SQLite gives room for the answer.
    unsafe { *out = std::ptr::null_mut() };
    ffi::SQLITE_OK
}

/// A checkpoint calls this without a page between its look at the log's head and its first frame (wal.c,
/// sqlite3WalCheckpoint): the only place where something can happen just then.
unsafe extern "C" fn unfetch(handle: *mut ffi::sqlite3_file, _: i64, page: *mut c_void) -> c_int {
    // SAFETY: see `file`.
    let open = unsafe { file(handle) };
    let window = if page.is_null() { locked(&open.folder).window.0.take() } else { None };
    if let Some(happen) = window {
        happen();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, durably: c_int) -> c_int {
    let Some((folder, name)) = find(name) else { return ffi::SQLITE_IOERR_DELETE };
    match locked(&folder).delete(&name, durably != 0) {
        Err(Wrong::Missing) => ffi::SQLITE_IOERR_DELETE_NOENT,
        other => code(other, ffi::SQLITE_IOERR_DELETE),
    }
}

/// An empty file does not count as there (os_unix.c, unixAccess).
unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let len = find(name).and_then(|(folder, name)| locked(&folder).len_of(&name));
    let there = len.is_some_and(|len| flags != ffi::SQLITE_ACCESS_EXISTS || len > 0);
    // SAFETY: SQLite gives room for the answer.
    unsafe { *out = there.into() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite gives a name that ends with a zero, and room for `room` bytes.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > room as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast::<c_char>(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

/// SQLite draws its seed here once; what is recorded is seeded by [`seed_sqlite`].
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, n: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives room for `n` bytes.
    unsafe { std::ptr::write_bytes(out, 7, n as usize) };
    n
}

/// Nobody waits: whoever holds a lock here is in the same process, and the answer is the same later.
unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, micros: c_int) -> c_int {
    micros
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite gives room for the answer; a Julian day.
    unsafe { *out = 2_461_041.5 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_64(_: *mut ffi::sqlite3_vfs, out: *mut i64) -> c_int {
    // SAFETY: SQLite gives room for the answer; milliseconds of Julian days.
    unsafe { *out = 212_633_985_600_000 };
    ffi::SQLITE_OK
}
