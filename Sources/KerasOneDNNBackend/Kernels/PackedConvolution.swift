import KerasGraph
import KerasKernels

/// A plan of a C kernel that convolves float32 images with weights packed for it, adds a bias and a residual and keeps
/// results between bounds.
protocol PackedConvolution {
  /// As plans of programs call it.
  static var name: String { get }
  var weightCount: Int { get }

  func scratchCount(threads: Int) -> Int
  /// - Parameter scale: bit patterns.
  func form(scale: [UInt32]?) -> KeptConstant.Form
  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, to packed: UnsafeMutablePointer<Float>)
  func run(
    _ x: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>)
}

extension GraphCompiler {
  /// Whether weights are packed once, whatever scales them.
  func canPack(_ epilogue: Epilogue) -> Bool { epilogue.scaleInput.map { constant($0) != nil } ?? true }

  /// Between which numbers an activation keeps results; the others are computed afterwards.
  func bounds(of epilogue: Epilogue) -> (low: Float, high: Float) {
    switch epilogue.activation {
    case .relu: (0, .infinity)
    case .relu6: (0, 6)
    case .clip(let least, let most) where least <= most: (least, most)
    default: (-.infinity, .infinity)
    }
  }

  /// Adds a convolution or product with its epilogue.
  mutating func compile(
    _ name: String, _ epilogue: Epilogue, with plan: some PackedConvolution & Sendable
  ) throws(KerasError) {
    try compile(
      name, plan, scale: epilogue.scaleInput.flatMap(constant), biasInput: epilogue.biasInput,
      residualInput: epilogue.residualInput)
    switch epilogue.activation {
    case nil, .relu, .relu6: break
    case .clip(let low, let high) where low <= high: break
    case .some(let function): addUnary(function, from: output, to: output)
    }
  }

  mutating func compile(
    _ name: String, _ plan: some PackedConvolution & Sendable, scale: KerasCore.Tensor? = nil,
    biasInput: Int? = nil,
    residualInput: Int? = nil
  ) throws(KerasError) {
    let (x, y) = (try operand(0, as: .float32), output)
    let packed = try packedWeights(for: plan, scale: scale)
    var places = [x.place, packed, y.place, scratch(plan.scratchCount(threads: threads) * 4)]
    let bias = biasInput == nil ? nil : places.count
    if let biasInput { places.append(try operand(biasInput, as: .float32).place) }
    let residual = residualInput == nil ? nil : places.count
    if let residualInput { places.append(try operand(residualInput, as: .float32).place) }
    let isInPlace = residualInput.map(overwrites) ?? false
    add(
      "\(type(of: plan).name) \(name) \(x.lengths) → \(y.lengths)" + (isInPlace ? ", residual in place" : ""),
      places: places
    ) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      plan.run(
        numbers(0), numbers(1), bias: bias.map { UnsafePointer(numbers($0)) },
        residual: residual.map { UnsafePointer(numbers($0)) }, to: numbers(2), scratch: numbers(3))
    }
  }

  /// The weights, packed now when they are a constant, else in each run.
  private mutating func packedWeights(
    for plan: some PackedConvolution & Sendable, scale: KerasCore.Tensor?
  ) throws(KerasError) -> Place {
    let scales: [Float]? = scale.map { $0.scalars() }
    let byteCount = plan.weightCount * 4
    @Sendable func pack(_ kernel: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
      guard let scales else { return plan.pack(kernel, scale: nil, to: target) }
      scales.withUnsafeBufferPointer { plan.pack(kernel, scale: $0.baseAddress, to: target) }
    }
    if let kernel = constant(1)?.converted(to: .float32),
      let key = kept(1, as: plan.form(scale: scales?.map(\.bitPattern)))
    {
      return .constant(
        allocator.memory(for: key, byteCount: byteCount) { address in
          let target = address.assumingMemoryBound(to: Float.self)
          kernel.withUnsafeScalars(of: Float.self) { kernel in
            if let kernel = kernel.baseAddress { pack(kernel, target) }
          }
        })
    }
    let weights = try operand(1, as: .float32)
    let packed = scratch(byteCount)
    add(
      "\(type(of: plan).name) weights", places: [weights.place, packed],
      part: Part(operation: "packing", byteCount: weights.byteCount + byteCount)
    ) { operands in
      pack(
        operands[0].assumingMemoryBound(to: Float.self), operands[1].assumingMemoryBound(to: Float.self))
    }
    return packed
  }
}
