import Glibc

/// Keras' folder: settings in `keras.json`, weights in `models/`, data sets in `datasets/`.
///
/// `KERAS_HOME`, or else `~/.keras`. Where that cannot be written, Keras uses `/tmp/.keras`; so does this,
/// but still reads what is in `~/.keras`. As everybody may write into `/tmp`, what is there counts only while it
/// is needed, and only if it belongs to this user and nobody else can write there. A `KERAS_HOME` is taken at
/// its word: nothing goes elsewhere.
public struct KerasHome: Hashable, Sendable {
  /// The folder itself.
  public let path: String
  /// Where new files go when ``path`` cannot be written; nil when they go nowhere else.
  public let fallbackPath: String?

  public init(path: String, fallbackPath: String? = nil) {
    self.path = path
    self.fallbackPath = fallbackPath
  }

  /// The folder that the environment names.
  public init(environment: Environment = processEnvironment) {
    let userHome = homeOfUser(environment)
    if let chosen = environment("KERAS_HOME") {
      self.init(path: absolutePath(chosen, home: userHome))
    } else {
      self.init(path: joined(userHome, ".keras"), fallbackPath: "/tmp/.keras")
    }
  }

  /// Where files of a kind (`models`) are looked for, in this order: the fallback only where new files would go
  /// there, too.
  public func readFolders(_ subfolder: String) -> [String] {
    let (own, writable) = (joined(path, subfolder), writeFolder(subfolder))
    return own == writable ? [own] : [own, writable]
  }

  /// Where new files of a kind go.
  public func writeFolder(_ subfolder: String) -> String {
    let folder = joined(path, subfolder)
    guard let fallbackPath, !canBeMadeOrWritten(folder) else { return folder }
    let fallback = joined(fallbackPath, subfolder)
    return Self.isPrivateOrAbsent(fallbackPath) && Self.isPrivateOrAbsent(fallback) ? fallback : folder
  }

  /// Why the fallback is left alone although new files cannot go to ``path``; nil when it is not, or not needed.
  package func objectionToFallback(_ subfolder: String) -> String? {
    guard let fallbackPath, !canBeMadeOrWritten(joined(path, subfolder)) else { return nil }
    guard let folder = [fallbackPath, joined(fallbackPath, subfolder)].first(where: { !Self.isPrivateOrAbsent($0) })
    else { return nil }
    return "\(folder) is not used: it must be a folder of this user's own that nobody else can write to"
  }

  /// Whether a folder, if it is there, belongs to this user and nobody else can write to it.
  private static func isPrivateOrAbsent(_ folder: String) -> Bool {
    var status = stat()
    guard lstat(folder, &status) == 0 else { return errno == ENOENT }
    return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
  }
}

/// `HOME`, or the entry of the user database; `/` when there is neither, as in some containers.
package func homeOfUser(_ environment: Environment) -> String {
  if let home = environment("HOME") { return home }
  guard let entry = getpwuid(getuid()), let home = entry.pointee.pw_dir else { return "/" }
  return String(cString: home)
}

private func canBeMadeOrWritten(_ folder: String) -> Bool {
  var existing = folder
  while access(existing, F_OK) != 0, let parent = parentFolder(existing) { existing = parent }
  var status = stat()
  return access(existing, W_OK) == 0 && stat(existing, &status) == 0
    && status.st_mode & S_IFMT == S_IFDIR
}
