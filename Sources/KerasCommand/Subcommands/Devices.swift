import ArgumentParser
import Keras

/// `keras devices`: where models can compute, and what would bring more.
struct Devices: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the devices models can compute on.",
    discussion: """
      GPUs and TPUs are reached through PJRT plugins, libraries that come with JAX's packages for Python; no \
      Python is run. They are looked for in ~/.keras/plugins and in the site-packages of the active environment, \
      of ~/.local, /usr/local and /usr; KERAS_XLA_PLUGIN names one file instead. A plugin for TPUs is listed, but \
      not opened: it would ask the network.

      EXAMPLES
        keras devices
        keras devices --json
        keras classify elephant.jpg --device gpu
      """)

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  private struct Line: Encodable {
    /// What `--device` takes.
    let device: String
    let kind: String
    let bytes: Int?
    let plugin: String?
    let version: String?
    /// Why it cannot be used.
    let error: String?
  }

  func perform() throws(KerasError) -> ExitCode {
    var lines = [
      Line(device: "cpu", kind: "this machine's CPU", bytes: nil, plugin: nil, version: nil, error: nil)
    ]
    let plugins = XLADevices.plugins
    for plugin in plugins { lines += Self.lines(of: plugin, isFirst: plugins.first { $0.kind == plugin.kind } == plugin) }
    if json {
      for line in lines { StandardOutput.print(try jsonLine(line)) }
      return .success
    }
    var table = TextColumns([.left, .left, .right, .left], rows: [["device", "kind", "memory", "plugin"]])
    for line in lines {
      table.rows.append([
        line.device, line.kind, line.bytes.map(readableBytes) ?? "-",
        [line.plugin, line.version.map { "(PJRT \($0))" }].compactMap { $0 }.joined(separator: " "),
      ])
    }
    table.print()
    for line in lines {
      if let error = line.error { StandardOutput.print("\n\(line.plugin ?? ""):\n\(error)") }
    }
    let missing = Self.remedies.filter { remedy in !plugins.contains { $0.path.contains(remedy.sign) } }
    if !missing.isEmpty {
      StandardOutput.print("\nNot here; what brings it:")
      var remedies = TextColumns([.left, .left], rows: [])
      remedies.rows = missing.map { ["  " + $0.what, $0.command] }
      remedies.print()
    }
    return .success
  }

  /// What a plugin sees.
  ///
  /// - Parameter isFirst: whether devices of its kind are meant by their short names.
  private static func lines(of plugin: PluginFile, isFirst: Bool) -> [Line] {
    let name = plugin.kind == .cpu ? "xla:cpu" : plugin.kind.rawValue
    func line(_ device: String, _ kind: String, error: KerasError? = nil, version: String? = nil) -> Line {
      Line(
        device: device, kind: kind, bytes: nil, plugin: plugin.path, version: version,
        error: error.map { "\($0)" })
    }
    guard plugin.kind != .tpu else { return [line(name, "not asked")] }
    do throws(KerasError) {
      let contents = try XLADevices.contents(of: plugin)
      return contents.devices.enumerated().map { index, device in
        Line(
          device: isFirst ? name + (index == 0 ? "" : ":\(index)") : "-", kind: "\(device.kind) (\(contents.platform))",
          bytes: device.memoryByteCount, plugin: plugin.path, version: contents.interface, error: nil)
      }
    } catch {
      return [line("-", "cannot be used", error: error)]
    }
  }

  /// How a plugin is recognised, and the command that installs it.
  private static let remedies: [(what: String, sign: String, command: String)] = [
    ("NVIDIA's GPUs", "cuda", "pip install \"jax[cuda13]\""),
    ("AMD's GPUs", "rocm", "pip install jax-rocm7-pjrt jax-rocm7-plugin"),
    ("Intel's GPUs", "oneapi", "pip install jax-oneapi-pjrt"),
    ("TPUs", "tpu", "pip install libtpu"),
    ("XLA on the CPU, for tests", "cpu", "pip install xla-cpu-pjrt"),
  ]
}
