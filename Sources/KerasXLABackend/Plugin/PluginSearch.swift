import Glibc
import KerasGraph

/// A file that is said to be a plugin; it has not been opened.
public struct PluginFile: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable { case gpu, tpu, cpu }

  public let path: String
  /// What its name says it knows.
  public let kind: Kind

  init(path: String) {
    self.path = path
    let name = Self.tellingName(path)
    kind =
      if name.contains("tpu") { .tpu } else if name.contains("cpu") { .cpu } else { .gpu }
  }

  /// The file's name and its folder's, which say what it is for; what is above may be called anything.
  private static func tellingName(_ path: String) -> String {
    path.lowercased().split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// What its client is told: GPUs' memory is taken as it is needed, and not three quarters of it at once.
  var clientOptions: [ClientOption] {
    let name = Self.tellingName(path)
    return name.contains("cuda") || name.contains("rocm")
      ? [.truth("preallocate", false), .real("memory_fraction", 0.9)] : []
  }
}

/// Where plugins are looked for; no Python is asked, and nothing is opened.
struct PluginSearch {
  let environment: Environment
  let home: KerasHome

  init(environment: @escaping Environment = processEnvironment) {
    self.environment = environment
    home = KerasHome(environment: environment)
  }

  /// What `KERAS_XLA_PLUGIN` names, alone, or else all that is found: in `~/.keras/plugins`, then in the
  /// site-packages of Pythons.
  var files: [PluginFile] {
    if let chosen = environment("KERAS_XLA_PLUGIN") {
      return [PluginFile(path: absolutePath(chosen, home: homeOfUser(environment)))]
    }
    var found: [PluginFile] = []
    for folder in home.readFolders("plugins") {
      found += Self.names(folder).filter { $0.hasSuffix(".so") }.map { PluginFile(path: joined(folder, $0)) }
    }
    for folder in packageFolders {
      // jax-cuda13-pjrt and its like: jax_plugins/xla_cuda13/xla_cuda_plugin.so; xla-cpu-pjrt: xla_plugins/…
      for collection in ["jax_plugins", "xla_plugins"] {
        let plugins = joined(folder, collection)
        for name in Self.names(plugins) {
          let place = joined(plugins, name)
          found += Self.names(place).filter { $0.hasPrefix("xla_") && $0.hasSuffix(".so") }
            .map { PluginFile(path: joined(place, $0)) }
        }
      }
      let tpu = joined(folder, "libtpu/libtpu.so")
      if access(tpu, R_OK) == 0 { found.append(PluginFile(path: tpu)) }
    }
    var seen: Set<String> = []
    return found.filter { seen.insert($0.path).inserted }
  }

  /// Folders where Pythons keep packages, the environment that is active first.
  var packageFolders: [String] {
    let userHome = homeOfUser(environment)
    var folders = (environment("PYTHONPATH") ?? "").split(separator: ":").map(String.init)
    for prefix in [
      environment("VIRTUAL_ENV"), environment("CONDA_PREFIX"), joined(userHome, ".local"), "/usr/local",
      "/usr",
    ] {
      guard let prefix else { continue }
      let libraries = joined(prefix, "lib")
      for name in Self.names(libraries) where name.hasPrefix("python3") {
        folders += ["site-packages", "dist-packages"].map { joined(joined(libraries, name), $0) }
      }
    }
    return folders.filter(isFolder)
  }

  private static func names(_ folder: String) -> [String] {
    (KerasCore.names(inFolder: folder) ?? []).sorted()
  }
}
