import Glibc
import KerasGraph
import Synchronization

/// The devices that PJRT plugins know, by the names people give them.
///
/// `gpu` and `gpu:1` are of the first plugin for GPUs that is found, `gpu:all` is all of them sharing the samples of a
/// batch; `tpu` and `xla:cpu` likewise; `xla` is the first there is of these kinds. A plugin is opened when a device of its kind is first asked for.
public enum XLADevices {
  /// Whether `name` is one of a device here, there or not.
  public static func isName(_ name: String) -> Bool { DeviceName(name) != nil }

  /// The backend for a device.
  ///
  /// - Throws: `invalidArgument` for what is no name of a device; `unsupported` where no plugin for it is found, or
  ///   it sees no such device, saying what is missing and what brings it; `libraryFailure` for a plugin that cannot be
  ///   used.
  public static func backend(named name: String) throws(KerasError) -> XLABackend {
    guard let wanted = DeviceName(name) else {
      throw KerasError(
        .invalidArgument, "`\(name)` is no device.", remedy: "use cpu, gpu, gpu:1, gpu:all, tpu or xla:cpu.")
    }
    if let known = open.withLock({ $0.backends[name] }) { return known }
    let (file, client) = try found(for: wanted)
    guard client.devices.indices.contains(wanted.index ?? 0) else {
      throw KerasError(
        .unsupported,
        "There is no device \(wanted.index ?? 0); the plugin sees \(client.devices.count): "
          + client.devices.map(\.kind).joined(separator: ", ") + ".", path: [file.path])
    }
    let backend = XLABackend(device(wanted.index, of: client), name: wanted.description)
    open.withLock { $0.backends[name] = backend }
    return backend
  }

  /// The plugins that are found, unopened.
  public static var plugins: [PluginFile] { PluginSearch().files }

  /// What a plugin sees, for people. Opens it.
  public static func contents(of file: PluginFile) throws(KerasError) -> PluginContents {
    let client = try client(of: file)
    return PluginContents(
      platform: client.platform, version: client.platformVersion, interface: client.plugin.version,
      devices: client.devices.map { device in
        (device.kind, client.memory(of: device)?.limitByteCount)
      })
  }

  private static func found(for wanted: DeviceName) throws(KerasError) -> (PluginFile, Client) {
    let files = PluginSearch().files
    var failure: KerasError?
    for kind in wanted.kind.map({ [$0] }) ?? [.gpu, .tpu, .cpu] {
      guard let file = files.first(where: { $0.kind == kind }) else { continue }
      do throws(KerasError) {
        return (file, try client(of: file))
      } catch {
        // Who asks for whatever there is gets the next kind where a plugin sees nothing.
        guard wanted.kind == nil, error.kind == .unsupported else { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    let others = files.isEmpty ? "none" : files.map(\.path).joined(separator: ", ")
    throw KerasError(
      .unsupported, "No plugin for \(wanted) is here; found: \(others).",
      remedy: "install one, as by `pip install \"jax[cuda13]\"` for NVIDIA's GPUs; `keras devices` tells more.")
  }

  // MARK: - What is open

  private struct Open: Sendable {
    var clients: [String: Client] = [:]
    var devices: [String: XLADevice] = [:]
    var backends: [String: XLABackend] = [:]
  }
  private static let open = Mutex(Open())

  private static func client(of file: PluginFile) throws(KerasError) -> Client {
    try open.withLock { (open) throws(KerasError) in
      if let client = open.clients[file.path] { return client }
      guard access(file.path, R_OK) == 0 else {
        throw KerasError(.fileNotFound, "There is no plugin.", path: [file.path])
      }
      let client = try Client(PluginLibrary(path: file.path), options: file.clientOptions)
      open.clients[file.path] = client
      return client
    }
  }

  private static func device(_ index: Int?, of client: Client) -> XLADevice {
    open.withLock { open in
      let key = "\(client.plugin.path):\(index.map(String.init) ?? "all")"
      if let device = open.devices[key] { return device }
      let device = XLADevice(client, index.map { [client.devices[$0]] } ?? client.devices, cache: .shared)
      open.devices[key] = device
      return device
    }
  }
}

/// What a plugin sees.
public struct PluginContents: Sendable {
  /// `cuda`, `rocm`, `tpu`, `cpu`.
  public let platform: String
  public let version: String
  /// The version of PJRT, `0.81`.
  public let interface: String
  /// Each device's kind, and its memory in bytes where the plugin says it.
  public let devices: [(kind: String, memoryByteCount: Int?)]
}

/// `gpu`, `gpu:1`, `gpu:all`, `tpu`, `xla:cpu`, `xla`.
private struct DeviceName: CustomStringConvertible {
  /// Nil for whatever there is.
  let kind: PluginFile.Kind?
  /// Nil for all of them.
  let index: Int?

  init?(_ name: String) {
    var parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let first = parts.first else { return nil }
    var index: Int? = 0
    if parts.count > 1, parts.last == "all" {
      index = nil
      parts.removeLast()
    } else if parts.count > 1, let last = parts.last, let number = Int(last), String(number) == last, number >= 0 {
      index = number
      parts.removeLast()
    }
    switch parts {
    case ["gpu"]: kind = .gpu
    case ["tpu"]: kind = .tpu
    case ["xla", "cpu"]: kind = .cpu
    case ["xla"] where first == name: kind = nil
    default: return nil
    }
    self.index = index
  }

  var description: String {
    let place = index.map { $0 == 0 ? "" : ":\($0)" } ?? ":all"
    return switch kind {
    case .gpu: "gpu" + place
    case .tpu: "tpu" + place
    case .cpu: "xla:cpu" + place
    case nil: "xla"
    }
  }
}
