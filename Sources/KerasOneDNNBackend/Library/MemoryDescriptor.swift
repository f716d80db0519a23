import CDNNL
import KerasCore
import KerasPlainKernels

/// How a tensor's elements lie in memory. Axes are in oneDNN's order: batch, channels, spatial….
struct MemoryDescriptor: Sendable {
  private(set) var raw = dnnl_memory_desc_t()

  init(_ raw: dnnl_memory_desc_t) { self.raw = raw }

  /// A dense or strided tensor; strides count elements.
  init(_ lengths: [Int], strides: [Int], _ type: DataType) throws(KerasError) {
    let status = dnnl.memory_desc_init_by_strides(
      &raw, Int32(lengths.count), dnnlDimensions(lengths), dnnlType(type), dnnlDimensions(strides))
    try check(status, "describe a tensor of shape \(lengths)")
  }

  /// A row-major tensor.
  init(rowMajor lengths: [Int], _ type: DataType) throws(KerasError) {
    try self.init(lengths, strides: rowMajorStrides(lengths), type)
  }

  /// A tensor `[batch, spatial…, channels]` as we store images, described in oneDNN's order of axes.
  init(channelsLast lengths: [Int], _ type: DataType) throws(KerasError) {
    let strides = rowMajorStrides(lengths)
    let order = [0, lengths.count - 1] + (1..<(lengths.count - 1))
    try self.init(order.map { lengths[$0] }, strides: order.map { strides[$0] }, type)
  }

  /// A tensor whose layout the primitive that takes it may choose.
  init(anyLayout lengths: [Int], _ type: DataType) throws(KerasError) {
    let status = dnnl.memory_desc_init_by_tag(
      &raw, Int32(lengths.count), dnnlDimensions(lengths), dnnlType(type), dnnl_format_tag_any)
    try check(status, "describe a tensor of shape \(lengths)")
  }

  /// Some elements along an axis, and how many bytes after the first one of all they begin. Where the tensor has one
  /// element along the axis, which is stretched, or no axis is named, all of it.
  func part(_ range: Range<Int>, along axis: Int?) throws(KerasError) -> (
    descriptor: MemoryDescriptor, offset: Int
  ) {
    var lengths = elements(of: raw.dims).prefix(Int(raw.ndims)).map { $0 }
    guard let axis, lengths[axis] != 1 else { return (self, 0) }
    precondition(
      raw.format_kind == dnnl_blocked && raw.format_desc.blocking.inner_nblks == 0, "a blocked layout")
    let strides = elements(of: raw.format_desc.blocking.strides).prefix(lengths.count).map { $0 }
    lengths[axis] = range.count
    let type: DataType = raw.data_type == dnnl_bf16 ? .bfloat16 : .float32
    return (
      try MemoryDescriptor(lengths, strides: strides, type), range.lowerBound * strides[axis] * type.byteCount
    )
  }

  var byteCount: Int { withUnsafePointer(to: raw) { dnnl.memory_desc_get_size($0) } }

  func isSame(as other: MemoryDescriptor) -> Bool {
    withUnsafePointer(to: raw) { a in withUnsafePointer(to: other.raw) { dnnl.memory_desc_equal(a, $0) != 0 }
    }
  }
}

extension MemoryDescriptor: Hashable {
  static func == (a: MemoryDescriptor, b: MemoryDescriptor) -> Bool { a.isSame(as: b) }

  func hash(into hasher: inout Hasher) { hasher.combine(byteCount) }
}

extension MemoryDescriptor: CustomStringConvertible {
  /// As oneDNN writes layouts: axes from the outermost, capitals for those that are also blocked, then the
  /// blocks: `ABcd16b16a`.
  var description: String {
    guard raw.format_kind == dnnl_blocked else {
      return raw.format_kind == dnnl_format_kind_wino ? "winograd" : "any"
    }
    let letters = Array("abcdefghijkl")
    let blocking = raw.format_desc.blocking
    let rank = Int(raw.ndims)
    let strides = elements(of: blocking.strides)
    let blocks = elements(of: blocking.inner_blks).prefix(Int(blocking.inner_nblks))
    let blockedAxes = elements(of: blocking.inner_idxs).prefix(Int(blocking.inner_nblks))
    let outer = (0..<rank).sorted { (strides[$0], $1) > (strides[$1], $0) }.map { axis in
      blockedAxes.contains(axis) ? String(letters[axis]).uppercased() : String(letters[axis])
    }
    return outer.joined() + zip(blocks, blockedAxes).map { "\($0)\(letters[$1])" }.joined()
  }

  private func elements<Tuple>(of tuple: Tuple) -> [Int] {
    withUnsafeBytes(of: tuple) { $0.bindMemory(to: Int64.self).map(Int.init) }
  }
}

/// Lengths as oneDNN's functions read them: always twelve.
func dnnlDimensions(_ lengths: [Int]) -> [Int64] {
  lengths.map(Int64.init) + [Int64](repeating: 0, count: max(0, 12 - lengths.count))
}

private func dnnlType(_ type: DataType) -> dnnl_data_type_t { type == .bfloat16 ? dnnl_bf16 : dnnl_f32 }
