import Glibc

// Paths are plain strings with `/`, as the system calls take them.

package func joined(_ folder: String, _ name: String) -> String {
  folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// nil for `/` and for a name without a folder.
package func parentFolder(_ path: String) -> String? {
  guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Resolves a leading `~` and a path relative to the working folder.
package func absolutePath(_ path: String, home: String) -> String {
  if path == "~" { return home }
  if path.hasPrefix("~/") { return joined(home, String(path.dropFirst(2))) }
  if path.hasPrefix("/") { return path }
  guard let working = getcwd(nil, 0) else { return path }
  defer { free(working) }
  return joined(String(cString: working), path)
}
