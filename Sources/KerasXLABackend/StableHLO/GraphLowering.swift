import KerasGraph

/// Writes graphs as StableHLO: a graph's own function, and the bodies of its loops into it.
///
/// Constants, but for single numbers without axes, become parameters of the function, so that they live on the device
/// and the text, by which compiled programs are found again, says nothing of them.
final class GraphLowering {
  let hlo = HLOWriter()
  let settings: LoweringSettings
  /// What the function takes behind the graph's inputs, in order: `%c0`, `%c1`, …
  private(set) var parameters: [DeviceConstant] = []
  private var parameterPlaces: [DeviceConstant.Identity: Int] = [:]
  /// What the function watches as it runs; the first to find fault is told by number.
  private(set) var checks: [RuntimeCheck] = []
  /// The number of the first check that found fault, from 1, and the index it found; both `i32` scalars. Nil as long
  /// as there is nothing to watch.
  private var failure: Failure?

  init(_ settings: LoweringSettings) { self.settings = settings }

  var precision: ProductPrecision { settings.productPrecision }

  /// Appends what computes `graph` from its inputs.
  ///
  /// - Parameters:
  ///   - path: where the graph stands, for errors.
  ///   - narrows: whether its float32 values may be bfloat16; a loop's body, whose states go round and round, keeps
  ///     them.
  func lower(
    _ graph: Graph, _ inputs: [HLOValue], path: [String] = [], narrows: Bool = false
  ) throws(KerasError) -> [HLOValue] {
    let types = narrows ? graph.narrowedTypes() : graph.nodes.map { $0.outputs.map(\.dataType) }
    var values: [Value: HLOValue] = [:]
    for (value, input) in zip(graph.inputs, inputs) { values[value] = input }
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      // Constants are taken as they are read.
      case .input, .constant: continue
      default: break
      }
      let place = path + [node.name.isEmpty ? "node \(index)" : node.name]
      do throws(KerasError) {
        var outputs: [HLOSpec] = []
        for (spec, type) in zip(node.outputs, types[index]) {
          outputs.append(HLOSpec(try HLOSpec(spec).lengths, HLOType(type)))
        }
        var operands: [HLOValue] = []
        for (position, input) in node.inputs.enumerated() {
          let wanted = operandType(
            graph.spec(of: input).dataType, of: node, output: types[index][0],
            narrows: narrows && (position < 2 || node.isBias(position)) && !graph.isThinConvolution(index))
          if let constant = graph.constantOperation(input) {
            operands.append(self.constant(constant, wanted, isKernel: node.isKernel(position)))
          } else if let value = values[input] {
            operands.append(hlo.convert(value, to: HLOType(wanted)))
          }
        }
        var lowering = NodeLowering(self, operands, outputs, place)
        lowering.kernelStartsWithFilters = node.inputs.indices.contains {
          node.isKernel($0) && graph.constantOperation(node.inputs[$0]) != nil
        }
        let results = try lower(node, lowering)
        for (number, result) in results.enumerated() { values[Value(node: index, output: number)] = result }
      } catch {
        throw error.within(place[place.count - 1])
      }
    }
    return graph.outputs.compactMap { value in
      graph.constantOperation(value).map { constant($0, $0.tensor.dataType) } ?? values[value]
    }
  }

  /// As what a node reads a value: the type that the graph says, but where float32 may be bfloat16, products read such
  /// numbers (and what is added to them before they are stored) and what only moves numbers moves them as they will be
  /// stored.
  private func operandType(_ declared: DataType, of node: Node, output: DataType, narrows: Bool) -> DataType {
    guard declared == .float32 else { return declared }
    switch node.operation {
    case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply:
      return narrows ? .bfloat16 : .float32
    case .reshape, .transpose, .pad, .concatenate, .slice, .select, .broadcast, .gather, .reverse:
      return output
    case .input, .constant, .pooling, .reduction, .unary, .binary, .batchNormalization, .softmax, .cast,
      .compare,
      .scatterAdd, .argumentReduction, .sort, .searchSorted, .hash, .cumulative, .random, .standardize,
      .poolingGradient, .poolingSelection, .scan, .recurrent, .recurrentGradient:
      return .float32
    }
  }

  private func lower(_ node: Node, _ stored: NodeLowering) throws(KerasError) -> [HLOValue] {
    let outputs = stored.outputs
    /// For what calculates: 16-bit floats are widened on the way in, and rounded on the way out.
    func widened(_ body: (NodeLowering) throws(KerasError) -> [HLOValue]) throws(KerasError) -> [HLOValue] {
      let results = try body(stored.widened())
      return zip(results, outputs).map { hlo.convert($0, to: $1.type) }
    }
    switch node.operation {
    case .input, .constant: return []
    case .convolution(let operation): return operation.lower(stored)
    case .transposedConvolution(let operation): return operation.lower(stored)
    case .convolutionKernelGradient(let operation): return operation.lower(stored)
    case .matrixMultiply(let operation): return operation.lower(stored)
    case .reshape(let operation): return operation.lower(stored)
    case .transpose(let operation): return operation.lower(stored)
    case .pad(let operation): return operation.lower(stored)
    case .concatenate(let operation): return operation.lower(stored)
    case .slice(let operation): return operation.lower(stored)
    case .cast(let operation): return operation.lower(stored)
    case .compare(let operation): return operation.lower(stored)
    case .select(let operation): return operation.lower(stored)
    case .broadcast(let operation): return operation.lower(stored)
    case .gather(let operation): return operation.lower(stored)
    case .reverse(let operation): return operation.lower(stored)
    case .sort(let operation): return operation.lower(stored)
    case .scan(let operation): return try operation.lower(stored)
    case .hash(let operation): return try operation.lower(stored)
    case .pooling(let operation): return try widened { operation.lower($0) }
    case .poolingGradient(let operation): return try widened { operation.lower($0) }
    case .poolingSelection(let operation): return try widened { operation.lower($0) }
    case .reduction(let operation): return try widened { operation.lower($0) }
    case .argumentReduction(let operation): return try widened { operation.lower($0) }
    case .unary(let operation): return try widened { operation.lower($0) }
    case .binary(let operation): return try widened { operation.lower($0) }
    case .batchNormalization(let operation): return try widened { operation.lower($0) }
    case .standardize(let operation): return try widened { operation.lower($0) }
    case .softmax(let operation): return try widened { operation.lower($0) }
    case .scatterAdd(let operation): return try widened { operation.lower($0) }
    case .searchSorted(let operation): return try widened { operation.lower($0) }
    case .cumulative(let operation): return try widened { operation.lower($0) }
    case .random(let operation): return try widened { operation.lower($0) }
    case .recurrent(let operation): return try widened { operation.lower($0) }
    case .recurrentGradient(let operation): return try widened { operation.lower($0) }
    }
  }

  /// - Parameter isKernel: of a convolution, which is taken filter by filter, as cuDNN reads it.
  private func constant(
    _ operation: ConstantOperation, _ type: DataType, isKernel: Bool = false
  ) -> HLOValue {
    let tensor = operation.tensor
    guard tensor.shape.isEmpty else {
      let constant = DeviceConstant(operation, as: type, startsWithLastAxis: isKernel)
      let place = parameterPlaces[constant.identity] ?? parameters.count
      if place == parameters.count {
        parameters.append(constant)
        parameterPlaces[constant.identity] = place
      }
      return HLOValue(name: "%c\(place)", spec: constant.spec)
    }
    let hloType = HLOType(type)
    if hloType.isFloatingPoint || hloType == .i1 {
      return hlo.constant(tensor.scalars(as: Double.self)[0], hloType)
    }
    return hlo.integer(tensor.scalars(as: Int64.self)[0], hloType)
  }

  // MARK: - What can go wrong while it runs

  /// What has gone wrong so far, as two values that a loop carries along; a new pair where nothing was watched yet.
  func carriedFailure() -> [HLOValue] {
    let carried = failure ?? Failure(number: hlo.constant(0, .i32), index: hlo.constant(0, .i32))
    return [carried.number, carried.index]
  }

  /// Goes on with what a loop's body got, or with what the loop leaves.
  func setFailure(_ carried: [HLOValue]) { failure = Failure(number: carried[0], index: carried[1]) }

  /// Watches that no index is negative or `length` or more; the indices, made to lie inside.
  ///
  /// - Parameter indices: `i32`, of any shape.
  func checked(_ indices: HLOValue, below length: Int, path: [String]) -> HLOValue {
    let count = indices.spec.elementCount
    guard count > 0 else { return indices }
    checks.append(RuntimeCheck(length: length, path: path))
    let (low, high) = (hlo.constant(0, .i32, indices.lengths), hlo.integer(length - 1, .i32, indices.lengths))
    let isOutside = hlo.binary("or", hlo.compare("LT", indices, low), hlo.compare("GT", indices, high))
    let axes = Array(indices.lengths.indices)
    let hasFault = hlo.reduce(isOutside, axes: axes, "or", from: hlo.constant(0, .i1))
    // The first index outside, as the others tell it: the earliest place decides.
    let flat = hlo.reshape(indices, to: [count])
    let places = hlo.select(
      hlo.reshape(isOutside, to: [count]), hlo.iota([count], axis: 0, .i32),
      hlo.integer(Int32.max, .i32, [count]))
    let first = hlo.reduce(places, axes: [0], "minimum", from: hlo.highest(.i32))
    let index = hlo.reshape(
      hlo.dynamicSlice(flat, at: [hlo.binary("minimum", first, Double(count - 1))], lengths: [1]), to: [])
    let before = carriedFailure()
    let isFirst = hlo.binary("and", hasFault, hlo.compare("EQ", before[0], 0))
    setFailure([
      hlo.select(isFirst, hlo.integer(checks.count, .i32), before[0]), hlo.select(isFirst, index, before[1]),
    ])
    return hlo.binary("minimum", hlo.binary("maximum", indices, low), high)
  }

  /// `value`, or `other` where something has gone wrong: what was before stays.
  func unlessFailed(_ value: HLOValue, else other: HLOValue) -> HLOValue {
    guard let failure else { return value }
    return hlo.select(hlo.compare("EQ", failure.number, 0), value, other)
  }

  /// What was found, for the function to return; nil where nothing is watched.
  var finding: [HLOValue]? { failure.map { [$0.number, $0.index] } }

  private struct Failure {
    let number, index: HLOValue
  }
}

extension Node {
  /// Whether an input is what a convolution multiplies its image with.
  fileprivate func isKernel(_ position: Int) -> Bool {
    if case .convolution = operation { position == 1 } else { false }
  }

  /// Whether an input is added to the sums of a convolution as they are stored.
  fileprivate func isBias(_ position: Int) -> Bool {
    guard case .convolution(let convolution) = operation, !convolution.epilogue.hasScale else { return false }
    return position == convolution.epilogue.biasInput
  }
}

/// Indices that are watched while a program runs.
struct RuntimeCheck: Sendable {
  let length: Int
  let path: [String]

  func error(index: Int32) -> KerasError {
    KerasError(
      .invalidArgument, "The index \(index) is outside an axis of \(length) elements.", path: path)
  }
}

/// How exactly factors are multiplied.
enum ProductPrecision: String, Sendable {
  /// As they are.
  case highest = "HIGHEST"
  /// Rounded to what the device multiplies fastest: TF32 on NVIDIA's.
  case fastest = "DEFAULT"
}

/// A node as its operation writes it: the operands, what is expected of the results, and where to write.
struct NodeLowering {
  let graph: GraphLowering
  let inputs: [HLOValue]
  let outputs: [HLOSpec]
  /// Where the node stands, for errors.
  let path: [String]
  /// Whether the kernel of a convolution is `[filters, spatial…, channels]`.
  var kernelStartsWithFilters = false

  init(_ graph: GraphLowering, _ inputs: [HLOValue], _ outputs: [HLOSpec], _ path: [String]) {
    (self.graph, self.inputs, self.outputs, self.path) = (graph, inputs, outputs, path)
  }

  var hlo: HLOWriter { graph.hlo }

  /// The first two inputs, which are multiplied: of one type.
  var factors: (HLOValue, HLOValue) { (inputs[0], hlo.convert(inputs[1], to: inputs[0].type)) }
  var output: HLOSpec { outputs[0] }

  /// With 16-bit floats as float32.
  func widened() -> NodeLowering {
    NodeLowering(
      graph, inputs.map { $0.type.isHalf ? hlo.convert($0, to: .f32) : $0 },
      outputs.map { HLOSpec($0.lengths, $0.type.isHalf ? .f32 : $0.type) }, path)
  }
}
