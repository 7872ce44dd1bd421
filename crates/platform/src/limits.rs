//! What the system allows this process. Looks only; raises nothing.

/// How many files and sockets this process may have open at a time; `None` where the system does not say.
pub fn open_files() -> Option<usize> {
    if cfg!(target_os = "linux") {
        soft_limit(&std::fs::read_to_string("/proc/self/limits").ok()?)
    } else {
        None
    }
}

/// The soft limit on open files in Linux's table of limits (proc(5)): `Max open files  SOFT  HARD  files`.
fn soft_limit(table: &str) -> Option<usize> {
    let line = table.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_read() {
        let table = "Limit                     Soft Limit           Hard Limit           Units     \n\
                     Max processes             95801                95801                processes \n\
                     Max open files            1024                 524288               files     \n";
        assert_eq!(soft_limit(table), Some(1024));
        for none in ["", "Max open files", "Max open files   unlimited  unlimited  files"] {
            assert_eq!(soft_limit(none), None, "{none}");
        }
    }
}
