import CPJRT
import KerasGraph

/// A tensor that lives on a device, and may still be being computed.
final class DeviceBuffer: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let spec: TensorSpec
  private let plugin: PluginLibrary

  /// Takes over what the plugin gave.
  init(_ pointer: UnsafeMutableRawPointer, _ spec: TensorSpec, _ plugin: PluginLibrary) {
    (self.pointer, self.spec, self.plugin) = (pointer, spec, plugin)
  }

  /// Starts to copy a tensor to a device; it is kept until that is done.
  init(_ tensor: Tensor, to device: Device, of client: Client) throws(KerasError) {
    spec = tensor.spec
    plugin = client.plugin
    var arguments: pjrt_buffer_from_host_args = sized()
    arguments.client = client.pointer
    arguments.device = device.pointer
    arguments.type = Int32(tensor.dataType.pluginType.rawValue)
    // The plugin reads the numbers while others compute, but for a few, which it takes at once.
    let isLarge = tensor.byteCount > 1 << 16
    arguments.semantics = isLarge ? 1 : 0
    let lengths = tensor.shape.map(Int64.init)
    let failure: KerasError? = tensor.withUnsafeBytes { bytes in
      lengths.withUnsafeBufferPointer { lengths in
        // A tensor without elements has no address, and a plugin wants one.
        withUnsafePointer(to: arguments.size) { somewhere in
          arguments.data = bytes.baseAddress ?? UnsafeRawPointer(somewhere)
          arguments.lengths = lengths.baseAddress
          arguments.rank = lengths.count
          do throws(KerasError) {
            try client.plugin.call(pjrt_client_buffer_from_host, &arguments)
            return nil
          } catch { return error }
        }
      }
    }
    if let failure { throw failure }
    guard let buffer = arguments.buffer else {
      throw KerasError(.libraryFailure, "The plugin gave no buffer.", path: [client.plugin.path])
    }
    pointer = buffer
    if isLarge {
      try plugin.keep(HostCopy(tensor), until: arguments.done_with_host)
    } else {
      try plugin.await(arguments.done_with_host)
    }
  }

  /// What is still being read.
  private final class HostCopy {
    private let tensor: Tensor
    init(_ tensor: Tensor) { self.tensor = tensor }
  }

  deinit { plugin.destroy(pointer, pjrt_buffer_destroy) }

  /// Whether a run has used it up.
  var isDeleted: Bool {
    var arguments: pjrt_is_deleted_args = sized()
    arguments.buffer = pointer
    return (try? plugin.call(pjrt_buffer_is_deleted, &arguments)) == nil || arguments.is_deleted
  }

  /// Waits until it is computed, and copies it here.
  func download() throws(KerasError) -> Tensor {
    let (plugin, pointer, rank) = (plugin, pointer, spec.lengths.count)
    // Row-major, whatever the device prefers.
    let order = (0..<rank).reversed().map(Int64.init)
    return try Tensor(uninitialized: spec.lengths, spec.dataType) { (bytes) throws(KerasError) in
      var layout: pjrt_layout = sized()
      layout.tiled.size = MemoryLayout.size(ofValue: layout.tiled)
      var arguments: pjrt_buffer_to_host_args = sized()
      let failure: KerasError? = order.withUnsafeBufferPointer { order in
        layout.tiled.minor_to_major = order.baseAddress
        layout.tiled.rank = rank
        return withUnsafePointer(to: &layout) { layout in
          arguments.buffer = pointer
          arguments.layout = layout
          arguments.data = bytes.baseAddress
          arguments.byte_count = bytes.count
          guard bytes.count > 0 else { return nil }
          do throws(KerasError) {
            try plugin.call(pjrt_buffer_to_host, &arguments)
            try plugin.await(arguments.event)
            return nil
          } catch { return error }
        }
      }
      if let failure { throw failure }
    }
  }
}

extension DataType {
  var pluginType: pjrt_type {
    switch self {
    case .bool: pjrt_type_bool
    case .uint8: pjrt_type_uint8
    case .int8: pjrt_type_int8
    case .int16: pjrt_type_int16
    case .int32: pjrt_type_int32
    case .int64: pjrt_type_int64
    case .float16: pjrt_type_float16
    case .bfloat16: pjrt_type_bfloat16
    case .float32: pjrt_type_float32
    case .float64: pjrt_type_float64
    }
  }
}
