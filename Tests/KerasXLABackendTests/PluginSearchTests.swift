import KerasGraph
import Testing

@testable import KerasXLABackend

struct PluginSearchTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func files(_ more: [String: String] = [:]) -> [PluginFile] {
    var variables = ["HOME": folder.path + "/home"]
    variables.merge(more) { $1 }
    let known = variables
    return PluginSearch { known[$0] }.files.filter { $0.path.hasPrefix(folder.path) }
  }

  @Test func anEnvironmentsPackagesAreSearched() throws {
    let packages = "venv/lib/python3.11/site-packages"
    let cuda = try folder.write("", to: "\(packages)/jax_plugins/xla_cuda13/xla_cuda_plugin.so")
    _ = try folder.write("", to: "\(packages)/jax_plugins/xla_cuda13/version.py")
    _ = try folder.write("", to: "\(packages)/jax_plugins/xla_cuda13/other.so")
    let cpu = try folder.write("", to: "\(packages)/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so")
    let tpu = try folder.write("", to: "\(packages)/libtpu/libtpu.so")
    let found = files(["VIRTUAL_ENV": folder.path + "/venv"])
    #expect(found.map(\.path) == [cuda, cpu, tpu])
    #expect(found.map(\.kind) == [.gpu, .cpu, .tpu])
  }

  @Test func kerasOwnFolderComesFirst() throws {
    let own = try folder.write("", to: "home/.keras/plugins/xla_rocm_plugin.so")
    let local = try folder.write(
      "", to: "home/.local/lib/python3.12/site-packages/jax_plugins/xla_cuda12/xla_cuda_plugin.so")
    #expect(files().map(\.path) == [own, local])
  }

  @Test func whatIsNamedIsAlone() throws {
    _ = try folder.write("", to: "home/.keras/plugins/xla_cuda_plugin.so")
    let named = try folder.write("", to: "elsewhere/mine.so")
    #expect(files(["KERAS_XLA_PLUGIN": named]).map(\.path) == [named])
  }

  @Test func nothingIsFoundWhereNothingIs() { #expect(files().isEmpty) }

  /// GPUs' memory is not taken before it is needed.
  @Test func gpusDoNotTakeAllMemory() {
    #expect(
      PluginFile(path: "/x/xla_cuda_plugin.so").clientOptions
        == [.truth("preallocate", false), .real("memory_fraction", 0.9)])
    #expect(PluginFile(path: "/x/xla_cpu_pjrt.so").clientOptions == [])
  }
}
