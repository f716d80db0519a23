import CPJRT
import Glibc
import KerasGraph

/// The devices of one plugin, as one process sees them; see ``Clients``. It lives as long as the process.
final class Client: @unchecked Sendable {
  let plugin: PluginLibrary
  let pointer: UnsafeMutableRawPointer
  /// `cpu`, `cuda`, `rocm`, `tpu`, …
  let platform: String
  /// The plugin's own and its driver's versions, as it says them.
  let platformVersion: String
  /// Those of this process.
  let devices: [Device]
  /// This process as one of several that compute together.
  let member: NodeMember?
  /// The numbers of all devices of all of them, node by node.
  let allNumbers: [Int]
  /// Found out once: what is there may change while the process runs, and not what it has loaded.
  private let libraries: String

  /// - Throws: `unsupported` where the plugin finds no device or takes no other nodes, else `libraryFailure`.
  init(_ plugin: PluginLibrary, options: [ClientOption] = [], member: NodeMember? = nil) throws(KerasError) {
    self.plugin = plugin
    self.member = member
    var options = options
    var arguments: pjrt_client_create_args = sized()
    if let member {
      options += [.number("node_id", member.group.number), .number("num_nodes", member.group.count)]
      NodeCallbacks.install(member.store, in: &arguments)
    }
    let values = NamedValues(options)
    arguments.options = values.pointer
    arguments.option_count = options.count
    do throws(KerasError) {
      try plugin.call(pjrt_client_create, &arguments)
    } catch {
      guard member != nil, error.what.contains("node_id") || error.what.contains("num_nodes") else {
        throw error
      }
      throw Self.takesNoNodes(plugin, error.what)
    }
    withExtendedLifetime(values) {}
    guard let client = arguments.client else {
      throw KerasError(.libraryFailure, "The plugin gave no client.", path: [plugin.path])
    }
    pointer = client
    libraries = GPULibraries().identity(besides: plugin.path)
    platform = try Self.text(of: client, pjrt_client_platform_name, plugin)
    platformVersion = try Self.text(of: client, pjrt_client_platform_version, plugin)
    devices = try Self.devices(of: client, pjrt_client_addressable_devices, plugin)
    guard !devices.isEmpty else {
      throw KerasError(.unsupported, "The plugin sees no device.", path: [plugin.path])
    }
    guard let member else {
      allNumbers = devices.map(\.number)
      return
    }
    let all = try Self.devices(of: client, pjrt_client_devices, plugin)
    let nodes = Set(all.map(\.node)).count
    guard nodes == member.group.count else {
      throw Self.takesNoNodes(plugin, "of \(member.group.count) nodes it sees \(nodes)")
    }
    allNumbers = all.sorted { ($0.node, $0.number) < ($1.node, $1.number) }.map(\.number)
  }

  private static func takesNoNodes(_ plugin: PluginLibrary, _ reason: String) -> KerasError {
    KerasError(
      .unsupported, "The plugin does not compute together with other nodes: \(reason).", path: [plugin.path],
      remedy: "use a plugin for GPUs of NVIDIA or AMD, or compute on this machine alone, without KERAS_NODES."
    )
  }

  private static func devices(
    of client: UnsafeMutableRawPointer, _ function: pjrt_slot, _ plugin: PluginLibrary
  ) throws(KerasError) -> [Device] {
    var list: pjrt_devices_args = sized()
    list.client = client
    try plugin.call(function, &list)
    var devices: [Device] = []
    for index in 0..<list.count {
      guard let device = list.devices?[index] else { continue }
      var description: pjrt_get_args = sized()
      description.object = device
      try plugin.call(pjrt_device_get_description, &description)
      guard let described = description.result else { continue }
      func number(_ function: pjrt_slot) throws(KerasError) -> Int {
        var arguments: pjrt_number_args = sized()
        arguments.object = described
        try plugin.call(function, &arguments)
        return Int(arguments.result)
      }
      devices.append(
        Device(
          pointer: device, number: try number(pjrt_device_description_id),
          node: try number(pjrt_device_description_process),
          kind: try text(of: described, pjrt_device_description_kind, plugin)))
    }
    return devices
  }

  private static func text(
    of object: UnsafeMutableRawPointer, _ function: pjrt_slot, _ plugin: PluginLibrary
  ) throws(KerasError) -> String {
    var arguments: pjrt_text_args = sized()
    arguments.object = object
    try plugin.call(function, &arguments)
    let bytes = UnsafeRawBufferPointer(start: arguments.text, count: arguments.count)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// What a compiled program was made by and for; another cannot load it. On a CPU that is also what the CPU can do, on a
  /// GPU what its libraries are.
  var identity: String {
    var status = stat()
    stat(plugin.path, &status)
    let file = "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    let place = platform == "cpu" ? Self.processorFeatures : libraries
    let flags = processEnvironment("XLA_FLAGS") ?? ""
    let node = member.map { "node \($0.group.number) of \($0.group.count)" } ?? ""
    return "\(platform) \(platformVersion) \(plugin.version) \(file) \(place) \(flags) \(node)"
  }

  private static let processorFeatures: String = {
    let text = String(decoding: (try? readFile("/proc/cpuinfo", atMost: 1 << 20)) ?? [], as: UTF8.self)
    return text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }.map(
      String.init) ?? ""
  }()

  /// The memory of a device; nil where the plugin does not say.
  func memory(of device: Device) -> DeviceMemory? {
    var stats: pjrt_memory_stats_args = sized()
    stats.device = device.pointer
    guard (try? plugin.call(pjrt_device_memory_stats, &stats)) != nil else { return nil }
    return DeviceMemory(
      usedByteCount: Int(stats.bytes_in_use),
      peakByteCount: stats.peak.is_set ? Int(stats.peak.value) : nil,
      limitByteCount: stats.limit.is_set ? Int(stats.limit.value) : nil)
  }
}

/// One device of a client.
struct Device: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  /// As the plugin numbers them, on all machines that compute together.
  let number: Int
  /// Whose it is.
  let node: Int
  /// As `NVIDIA H100 80GB HBM3`.
  let kind: String
}

struct DeviceMemory: Sendable {
  let usedByteCount: Int
  let peakByteCount: Int?
  let limitByteCount: Int?
}

/// What a client is told when it is made.
enum ClientOption: Hashable, Sendable {
  case text(String, String)
  case number(String, Int)
  case real(String, Float)
  case truth(String, Bool)
}

/// Options in memory that a plugin can read.
final class NamedValues {
  private let values: UnsafeMutableBufferPointer<pjrt_named_value>
  private var texts: [UnsafeMutableBufferPointer<CChar>] = []

  var pointer: UnsafePointer<pjrt_named_value>? { UnsafePointer(values.baseAddress) }

  init(_ options: [ClientOption]) {
    values = .allocate(capacity: options.count)
    for (index, option) in options.enumerated() {
      var value: pjrt_named_value = sized()
      value.count = 1
      switch option {
      case .text(let name, let text):
        setName(name, of: &value)
        let copy = kept(text)
        (value.type, value.string, value.count) = (0, UnsafePointer(copy.baseAddress), copy.count)
      case .number(let name, let number):
        setName(name, of: &value)
        (value.type, value.integer) = (1, Int64(number))
      case .real(let name, let number):
        setName(name, of: &value)
        (value.type, value.real) = (3, number)
      case .truth(let name, let truth):
        setName(name, of: &value)
        (value.type, value.truth) = (4, truth)
      }
      values.initializeElement(at: index, to: value)
    }
  }

  deinit {
    values.deallocate()
    for text in texts { text.deallocate() }
  }

  private func setName(_ name: String, of value: inout pjrt_named_value) {
    let copy = kept(name)
    (value.name, value.name_count) = (UnsafePointer(copy.baseAddress), copy.count)
  }

  private func kept(_ text: String) -> UnsafeMutableBufferPointer<CChar> {
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count)
    _ = copy.initialize(from: text.utf8.map(CChar.init(bitPattern:)))
    texts.append(copy)
    return copy
  }
}
