import Glibc
import KerasGraph

/// Which libraries and driver a plugin for GPUs computes with, as far as files tell: compiled programs name kernels of
/// theirs, and measurements made when they were compiled.
struct GPULibraries {
  /// Where the system says which driver is loaded: of NVIDIA's and AMD's GPUs.
  var driverFiles = ["/proc/driver/nvidia/version", "/sys/module/amdgpu/version"]

  /// Another text for other libraries: those that stand in the same Python as the plugin, as `pip` brings them, with size
  /// and time; and the driver's version.
  func identity(besides plugin: String) -> String {
    var lines: [String] = []
    // site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so, site-packages/nvidia/cudnn/lib/libcudnn.so.9
    let packages = plugin.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
      separator: "/")
    for vendor in ["nvidia", "rocm", "amd"] {
      let folder = joined(packages, vendor)
      for name in (names(inFolder: folder) ?? []).sorted() {
        let libraries = joined(joined(folder, name), "lib")
        for library in (names(inFolder: libraries) ?? []).sorted() where library.contains(".so") {
          var status = stat()
          guard stat(joined(libraries, library), &status) == 0 else { continue }
          lines.append("\(name)/\(library) \(status.st_size) \(status.st_mtim.tv_sec)")
        }
      }
    }
    for file in driverFiles {
      if let text = try? readFile(file, atMost: 4096) { lines.append(String(decoding: text, as: UTF8.self)) }
    }
    return lines.joined(separator: "\n")
  }
}
