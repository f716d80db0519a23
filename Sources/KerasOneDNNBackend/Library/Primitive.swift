import CDNNL
import KerasGraph
import Synchronization

/// What a primitive does besides its own work, in this order.
enum PostOperation {
  /// Adds what the destination held before.
  case addDestination
  /// Adds, or multiplies by, another tensor, stretched along axes where it has length 1.
  case add(MemoryDescriptor)
  case multiply(MemoryDescriptor)
  case apply(EltwiseFunction)
}

/// A function of one number that oneDNN can apply.
struct EltwiseFunction {
  fileprivate let kind: dnnl_alg_kind_t
  fileprivate let alpha, beta: Float

  /// Nil for a function that oneDNN does not have.
  init?(_ function: UnaryFunction) {
    let (kind, alpha, beta): (dnnl_alg_kind_t, Float, Float)
    switch function {
    case .relu: (kind, alpha, beta) = (dnnl_eltwise_relu, 0, 0)
    case .relu6: (kind, alpha, beta) = (dnnl_eltwise_clip, 0, 6)
    case .leakyRelu(let slope): (kind, alpha, beta) = (dnnl_eltwise_relu, slope, 0)
    case .elu(let scale): (kind, alpha, beta) = (dnnl_eltwise_elu, scale, 0)
    case .clip(let low, let high):
      guard low <= high else { return nil }
      (kind, alpha, beta) = (dnnl_eltwise_clip, low, high)
    case .sigmoid: (kind, alpha, beta) = (dnnl_eltwise_logistic, 0, 0)
    case .tanh: (kind, alpha, beta) = (dnnl_eltwise_tanh, 0, 0)
    case .exponential: (kind, alpha, beta) = (dnnl_eltwise_exp, 0, 0)
    case .squareRoot: (kind, alpha, beta) = (dnnl_eltwise_sqrt, 0, 0)
    case .square: (kind, alpha, beta) = (dnnl_eltwise_square, 0, 0)
    case .absolute: (kind, alpha, beta) = (dnnl_eltwise_abs, 0, 0)
    case .negate: (kind, alpha, beta) = (dnnl_eltwise_linear, -1, 0)
    case .linear(let scale, let offset): (kind, alpha, beta) = (dnnl_eltwise_linear, scale, offset)
    // oneDNN has others, less exact or slower than ours.
    case .softplus, .softsign, .exponentialMinusOne, .logarithm, .logarithmOfOnePlus, .reciprocalSquareRoot,
      .reciprocal, .sign, .floor, .ceiling, .round, .sine, .cosine, .tangent, .arcsine, .arccosine,
      .arctangent,
      .hyperbolicSine, .hyperbolicCosine, .errorFunction:
      return nil
    }
    (self.kind, self.alpha, self.beta) = (kind, alpha, beta)
  }
}

/// How convolutions multiply.
enum ConvolutionAlgorithm {
  case direct, winograd

  fileprivate var kind: dnnl_alg_kind_t {
    self == .direct ? dnnl_convolution_direct : dnnl_convolution_winograd
  }
}

/// An operation of oneDNN compiled for given shapes and layouts, and the layouts it chose. Immutable, so
/// that many threads may execute it at once; freed with the last reference.
final class Primitive: @unchecked Sendable {
  let handle: dnnl_primitive_t
  /// The name of the code that was chosen, as `jit:avx512_core_amx_bf16`.
  let implementation: String
  /// Whether it is the code that oneDNN has for everything, and no hurry.
  var isReference: Bool { implementation.hasPrefix("ref") }
  /// Of a convolution, whether it copies what its windows see and multiplies matrices.
  var isByMatrixProducts: Bool { implementation.contains("gemm") }
  /// Of a convolution, whether it multiplies small blocks, which it chooses by the number of threads.
  var isByBlocks: Bool { implementation.hasPrefix("brg") }
  /// Of a convolution, whether it multiplies the small blocks of single channels.
  var isDepthwiseByBlocks: Bool { implementation.hasPrefix("brdgmm") }
  /// Of a convolution, whether its code is for windows of one position.
  var isThroughOnePosition: Bool { implementation.contains("1x1") }
  /// Of a kernel's gradient, the gradient.
  let weights: MemoryDescriptor
  /// Memory that each execution must bring.
  let scratchpad: MemoryDescriptor

  /// Takes over `description`.
  private init(
    _ description: dnnl_primitive_desc_t, _ name: String,
    weightsAre weightsQuery: dnnl_query_t = dnnl_query_weights_md
  ) throws(KerasError) {
    defer { _ = dnnl.primitive_desc_destroy(description) }
    func layout(_ query: dnnl_query_t) -> MemoryDescriptor {
      MemoryDescriptor(dnnl.primitive_desc_query_md(description, query, 0)?.pointee ?? dnnl_memory_desc_t())
    }
    weights = layout(weightsQuery)
    scratchpad = layout(dnnl_query_scratchpad_md)
    var text: UnsafePointer<CChar>?
    try check(dnnl.primitive_desc_query(description, dnnl_query_impl_info_str, 0, &text), "describe \(name)")
    implementation = text.map { String(cString: $0) } ?? name
    var primitive: dnnl_primitive_t?
    try check(dnnl.primitive_create(&primitive, description), "compile \(name)")
    guard let primitive else { throw KerasError(.libraryFailure, "oneDNN could not compile \(name).") }
    handle = primitive
  }

  deinit { _ = dnnl.primitive_destroy(handle) }

  private static func make<Description>(
    _ name: String, _ description: inout Description, _ postOperations: [PostOperation]
  ) throws(KerasError) -> Primitive {
    try Primitive(try describe(name, &description, postOperations), name)
  }

  /// One thread at a time describes a primitive: oneDNN 2.6 plans convolutions by small blocks (`brgconv`) in variables
  /// that all threads share, so that one of bfloat16 and one of float32 take each other's, and compute nonsense.
  private static let turn = Mutex(())

  /// - Parameter forward: what a gradient is the gradient of.
  private static func describe<Description>(
    _ name: String, _ description: inout Description, _ postOperations: [PostOperation],
    forward: dnnl_primitive_desc_t? = nil
  ) throws(KerasError) -> dnnl_primitive_desc_t {
    let attributes = try Attributes(postOperations)
    var result: dnnl_primitive_desc_t?
    let engine = try Engine.cpu()
    let status = withUnsafePointer(to: &description) { description in
      turn.withLock { _ in
        dnnl.primitive_desc_create(&result, UnsafeRawPointer(description), attributes.handle, engine, forward)
      }
    }
    try check(status, "prepare \(name)")
    guard let result else { throw KerasError(.libraryFailure, "oneDNN could not prepare \(name).") }
    return result
  }

  /// A convolution; dilations count from 1, as everywhere but in oneDNN.
  static func convolution(
    source: MemoryDescriptor, weights: MemoryDescriptor, bias: MemoryDescriptor?,
    destination: MemoryDescriptor, window: Window, algorithm: ConvolutionAlgorithm,
    postOperations: [PostOperation]
  ) throws(KerasError) -> Primitive {
    var description = dnnl_convolution_desc_t()
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    let status = withOptionalPointer(bias) { bias in
      dnnl.dilated_convolution_forward_desc_init(
        &description, dnnl_forward_inference, algorithm.kind, &x, &w, bias, &y,
        dnnlDimensions(window.strides), dnnlDimensions(window.dilations.map { $0 - 1 }),
        dnnlDimensions(window.padding.map(\.before)), dnnlDimensions(window.padding.map(\.after)))
    }
    try check(status, "describe a convolution")
    return try make("a convolution", &description, postOperations)
  }

  /// What a convolution's gradients are asked for.
  enum ConvolutionGradient { case image, kernel }

  /// The gradient of a convolution's image or kernel.
  ///
  /// - Parameters:
  ///   - gradient: describes it.
  ///   - source, weights, destination: describe the convolution.
  static func convolutionGradient(
    of part: ConvolutionGradient, as gradient: MemoryDescriptor, source: MemoryDescriptor,
    weights: MemoryDescriptor, destination: MemoryDescriptor, window: Window
  ) throws(KerasError) -> Primitive {
    var (x, w, y, result) = (source.raw, weights.raw, destination.raw, gradient.raw)
    let strides = dnnlDimensions(window.strides)
    let dilations = dnnlDimensions(window.dilations.map { $0 - 1 })
    let before = dnnlDimensions(window.padding.map(\.before))
    let after = dnnlDimensions(window.padding.map(\.after))
    var description = dnnl_convolution_desc_t()
    try check(
      dnnl.dilated_convolution_forward_desc_init(
        &description, dnnl_forward_training, dnnl_convolution_direct, &x, &w, nil, &y, strides, dilations,
        before,
        after), "describe a convolution")
    let forward = try describe("a convolution", &description, [])
    defer { _ = dnnl.primitive_desc_destroy(forward) }
    var backward = dnnl_convolution_desc_t()
    let name = "a convolution's gradient"
    switch part {
    case .image:
      try check(
        dnnl.dilated_convolution_backward_data_desc_init(
          &backward, dnnl_convolution_direct, &result, &w, &y, strides, dilations, before, after),
        "describe \(name)")
      return try Primitive(try describe(name, &backward, [], forward: forward), name)
    case .kernel:
      try check(
        dnnl.dilated_convolution_backward_weights_desc_init(
          &backward, dnnl_convolution_direct, &x, &result, nil, &y, strides, dilations, before, after),
        "describe \(name)")
      return try Primitive(
        try describe(name, &backward, [], forward: forward), name, weightsAre: dnnl_query_diff_weights_md)
    }
  }

  static func innerProduct(
    source: MemoryDescriptor, weights: MemoryDescriptor, bias: MemoryDescriptor?,
    destination: MemoryDescriptor, postOperations: [PostOperation]
  ) throws(KerasError) -> Primitive {
    var description = dnnl_inner_product_desc_t()
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    let status = withOptionalPointer(bias) {
      dnnl.inner_product_forward_desc_init(&description, dnnl_forward_inference, &x, &w, $0, &y)
    }
    try check(status, "describe an inner product")
    return try make("an inner product", &description, postOperations)
  }

  static func matrixProduct(
    source: MemoryDescriptor, weights: MemoryDescriptor, bias: MemoryDescriptor?,
    destination: MemoryDescriptor, postOperations: [PostOperation]
  ) throws(KerasError) -> Primitive {
    var description = dnnl_matmul_desc_t()
    var (x, w, y) = (source.raw, weights.raw, destination.raw)
    let status = withOptionalPointer(bias) { dnnl.matmul_desc_init(&description, &x, &w, $0, &y) }
    try check(status, "describe a matrix product")
    return try make("a matrix product", &description, postOperations)
  }

  static func averagePooling(
    source: MemoryDescriptor, destination: MemoryDescriptor, window: Window
  ) throws(KerasError) -> Primitive {
    var description = dnnl_pooling_v2_desc_t()
    var (x, y) = (source.raw, destination.raw)
    let status = dnnl.pooling_v2_forward_desc_init(
      &description, dnnl_forward_inference, dnnl_pooling_avg_exclude_padding, &x, &y,
      dnnlDimensions(window.strides),
      dnnlDimensions(window.size), dnnlDimensions(window.dilations.map { $0 - 1 }),
      dnnlDimensions(window.padding.map(\.before)), dnnlDimensions(window.padding.map(\.after)))
    try check(status, "describe a pooling")
    return try make("a pooling", &description, [])
  }

  /// Copies a tensor into another layout or element type, multiplied by `scales` along the axes in the
  /// bit set `scaledAxes`.
  static func reorder(
    from source: MemoryDescriptor, to destination: MemoryDescriptor, scales: [Float] = [],
    scaledAxes: Int32 = 0
  ) throws(KerasError) -> Primitive {
    let attributes = try Attributes([])
    if !scales.isEmpty {
      let status = dnnl.primitive_attr_set_output_scales(
        attributes.handle, Int64(scales.count), scaledAxes, scales)
      try check(status, "scale weights")
    }
    var (x, y) = (source.raw, destination.raw)
    let engine = try Engine.cpu()
    var result: dnnl_primitive_desc_t?
    try check(
      dnnl.reorder_primitive_desc_create(&result, &x, engine, &y, engine, attributes.handle),
      "bring \(source) into the layout \(destination)")
    guard let result else { throw KerasError(.libraryFailure, "oneDNN could not prepare a copy.") }
    return try Primitive(result, "a copy")
  }
}

/// What a primitive is asked for besides its shapes; always with scratch memory from the caller, whose
/// absence oneDNN would answer with a crash.
private final class Attributes {
  let handle: dnnl_primitive_attr_t

  init(_ postOperations: [PostOperation]) throws(KerasError) {
    var attributes: dnnl_primitive_attr_t?
    try check(dnnl.primitive_attr_create(&attributes), "make attributes")
    guard let attributes else { throw KerasError(.libraryFailure, "oneDNN could not make attributes.") }
    handle = attributes
    try check(
      dnnl.primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user), "take scratch memory")
    guard !postOperations.isEmpty else { return }
    var list: dnnl_post_ops_t?
    try check(dnnl.post_ops_create(&list), "make post-operations")
    defer { _ = dnnl.post_ops_destroy(list) }
    for postOperation in postOperations {
      let status =
        switch postOperation {
        case .addDestination: dnnl.post_ops_append_sum(list, 1)
        case .add(let other):
          withOptionalPointer(other) { dnnl.post_ops_append_binary(list, dnnl_binary_add, $0) }
        case .multiply(let other):
          withOptionalPointer(other) { dnnl.post_ops_append_binary(list, dnnl_binary_mul, $0) }
        case .apply(let function):
          dnnl.post_ops_append_eltwise(list, 1, function.kind, function.alpha, function.beta)
        }
      try check(status, "add a post-operation")
    }
    try check(dnnl.primitive_attr_set_post_ops(handle, list), "set post-operations")
  }

  deinit { _ = dnnl.primitive_attr_destroy(handle) }
}

private func withOptionalPointer<Result>(
  _ descriptor: MemoryDescriptor?, _ body: (UnsafePointer<dnnl_memory_desc_t>?) -> Result
) -> Result {
  guard let descriptor else { return body(nil) }
  return withUnsafePointer(to: descriptor.raw) { body($0) }
}

/// A queue of work on the calling thread.
final class Stream {
  let handle: dnnl_stream_t

  init() throws(KerasError) {
    var stream: dnnl_stream_t?
    try check(dnnl.stream_create(&stream, try Engine.cpu(), dnnl_stream_in_order.rawValue), "make a stream")
    guard let stream else { throw KerasError(.libraryFailure, "oneDNN could not make a stream.") }
    handle = stream
  }

  deinit { _ = dnnl.stream_destroy(handle) }
}

/// A tensor for a primitive to read or write: a layout, and memory that somebody else owns.
final class MemoryObject {
  let handle: dnnl_memory_t

  init(_ descriptor: MemoryDescriptor, at address: UnsafeMutableRawPointer) throws(KerasError) {
    var raw = descriptor.raw
    var memory: dnnl_memory_t?
    try check(dnnl.memory_create(&memory, &raw, try Engine.cpu(), address), "address memory")
    guard let memory else { throw KerasError(.libraryFailure, "oneDNN could not address memory.") }
    handle = memory
  }

  deinit { _ = dnnl.memory_destroy(handle) }

  func move(to address: UnsafeMutableRawPointer) throws(KerasError) {
    try check(dnnl.memory_set_data_handle(handle, address), "address memory")
  }
}

/// The roles of a primitive's operands.
enum Role {
  static let source = DNNL_ARG_SRC
  static let weights = DNNL_ARG_WEIGHTS
  static let bias = DNNL_ARG_BIAS
  static let destination = DNNL_ARG_DST
  static let scratchpad = DNNL_ARG_SCRATCHPAD
  static let sourceGradient = DNNL_ARG_DIFF_SRC
  static let weightsGradient = DNNL_ARG_DIFF_WEIGHTS
  static let destinationGradient = DNNL_ARG_DIFF_DST

  /// The tensor that post-operation number `index` adds or multiplies by.
  static func postOperation(_ index: Int) -> Int32 {
    DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE * Int32(index + 1) | DNNL_ARG_SRC_1
  }
}

extension Primitive {
  /// Executes once, here and now: for packing weights.
  func execute(_ operands: [(role: Int32, descriptor: MemoryDescriptor, address: UnsafeMutableRawPointer)])
    throws(KerasError)
  {
    let stream = try Stream()
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: max(scratchpad.byteCount, 1), alignment: 64)
    defer { scratch.deallocate() }
    var objects: [MemoryObject] = []
    var arguments: [dnnl_exec_arg_t] = []
    for (role, descriptor, address) in operands + [(Role.scratchpad, scratchpad, scratch)] {
      let object = try MemoryObject(descriptor, at: address)
      objects.append(object)
      arguments.append(dnnl_exec_arg_t(arg: role, memory: object.handle))
    }
    try check(
      dnnl.primitive_execute(handle, stream.handle, Int32(arguments.count), arguments), "execute a copy")
    try check(dnnl.stream_wait(stream.handle), "finish a copy")
    withExtendedLifetime(objects) {}
  }
}
