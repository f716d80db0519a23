import Glibc
import KerasGraph
import Synchronization

/// The devices that PJRT plugins know, by the names people give them.
///
/// `gpu` and `gpu:1` are of the first plugin for GPUs that is found, `gpu:all` is all of them sharing the samples of a
/// batch, `gpu:0,2` two of them; `tpu` and `xla:cpu` likewise; `xla` is the first there is of these kinds. A plugin is
/// opened when a device of its kind is first asked for.
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
    return try backend(for: wanted)
  }

  /// The same with several devices of the kind that `name` says sharing the samples of each batch.
  ///
  /// - Throws: also `invalidArgument` for a name that says its devices itself, and for numbers that are none.
  public static func backend(
    named name: String, devices: DeviceSelection
  ) throws(KerasError) -> XLABackend {
    guard let wanted = DeviceName(name) else { return try backend(named: name) }
    guard wanted.selection == .these([0]) || wanted.selection == devices else {
      throw KerasError(
        .invalidArgument, "\(name) says its devices already.", remedy: "say them in one place.")
    }
    let chosen = DeviceName(kind: wanted.kind, devices)
    guard let chosen = DeviceName(chosen.description) else {
      throw KerasError(
        .invalidArgument,
        "Devices are numbered from 0, and each is named once; found [\(chosen.numbers)].")
    }
    return try backend(for: chosen)
  }

  private static func backend(for wanted: DeviceName) throws(KerasError) -> XLABackend {
    let name = wanted.description
    if let known = open.withLock({ $0.backends[name] }) { return known }
    let (file, client) = try found(for: wanted)
    var numbers = Array(client.devices.indices)
    if case .these(let some) = wanted.selection { numbers = some }
    for number in numbers where !client.devices.indices.contains(number) {
      throw KerasError(
        .unsupported,
        "There is no device \(number); the plugin sees \(client.devices.count): "
          + client.devices.map(\.kind).joined(separator: ", ") + ".", path: [file.path])
    }
    let backend = XLABackend(device(numbers, of: client, isAll: wanted.selection == .all), name: name)
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
      remedy:
        "install one, as by `pip install \"jax[cuda13]\"` for NVIDIA's GPUs; `keras devices` tells more.")
  }

  // MARK: - What is open

  private struct Open: Sendable {
    var clients: [String: Client] = [:]
    var devices: [String: XLADevice] = [:]
    var backends: [String: XLABackend] = [:]
    /// The other processes that this one computes with.
    var member: NodeMember?
  }
  private static let open = Mutex(Open())

  /// Meets the other nodes of a group: from then on `gpu:all` is all devices of all nodes, which share the samples of each
  /// batch. Without this call the group is the one that `KERAS_NODES` and `KERAS_NODE_ID` name, if any.
  ///
  /// Every node runs the same program on the same data and is given the same batches, of which it takes its share.
  ///
  /// - Throws: `unsupported` where a node does not come in time or an address cannot be used; `invalidArgument` for another
  ///   secret, another list of nodes, a number that is taken, or after a device was opened.
  public static func join(_ group: NodeGroup) throws(KerasError) {
    try open.withLock { (open) throws(KerasError) in
      if let known = open.member?.group, known.addresses == group.addresses, known.number == group.number {
        return
      }
      guard open.clients.isEmpty, open.member == nil else {
        throw KerasError(
          .invalidArgument, "This process computes already, and cannot become node \(group.number).",
          remedy: "join before anything is computed, once.")
      }
      open.member = try NodeMember(group)
    }
  }

  private static func client(of file: PluginFile) throws(KerasError) -> Client {
    try open.withLock { (open) throws(KerasError) in
      if let client = open.clients[file.path] { return client }
      guard access(file.path, R_OK) == 0 else {
        throw KerasError(.fileNotFound, "There is no plugin.", path: [file.path])
      }
      if open.member == nil, let group = try NodeGroup.configured() { open.member = try NodeMember(group) }
      let client = try Client(
        PluginLibrary(path: file.path), options: file.clientOptions, member: open.member)
      open.clients[file.path] = client
      return client
    }
  }

  private static func device(_ numbers: [Int], of client: Client, isAll: Bool) -> XLADevice {
    open.withLock { open in
      let sharing = isAll ? client.allNumbers : numbers.map { client.devices[$0].number }
      let key = "\(client.plugin.path):\(sharing)"
      if let device = open.devices[key] { return device }
      let device = XLADevice(client, numbers.map { client.devices[$0] }, sharing: sharing, cache: .shared)
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

/// `gpu`, `gpu:1`, `gpu:0,2`, `gpu:all`, `tpu`, `xla:cpu`, `xla`.
private struct DeviceName: CustomStringConvertible {
  /// Nil for whatever there is.
  let kind: PluginFile.Kind?
  let selection: DeviceSelection

  init(kind: PluginFile.Kind?, _ selection: DeviceSelection) {
    (self.kind, self.selection) = (kind, selection)
  }

  init?(_ name: String) {
    var parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    var selection = DeviceSelection.these([0])
    if parts.count > 1, let chosen = parts.last.flatMap(Self.selection) {
      selection = chosen
      parts.removeLast()
    }
    self.selection = selection
    switch parts {
    case ["gpu"]: kind = .gpu
    case ["tpu"]: kind = .tpu
    case ["xla", "cpu"]: kind = .cpu
    case ["xla"]: kind = nil
    default: return nil
    }
  }

  /// `all`, `1` or `0,2`.
  private static func selection(_ text: String) -> DeviceSelection? {
    if text == "all" { return .all }
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(part), String(number) == part, number >= 0, !numbers.contains(number) else {
        return nil
      }
      numbers.append(number)
    }
    return .these(numbers)
  }

  var numbers: String {
    switch selection {
    case .all: "all"
    case .these(let numbers): numbers.map(String.init).joined(separator: ",")
    }
  }

  var description: String {
    let place = selection == .these([0]) ? "" : ":" + numbers
    return switch kind {
    case .gpu: "gpu" + place
    case .tpu: "tpu" + place
    case .cpu: "xla:cpu" + place
    case nil: "xla" + place
    }
  }
}
