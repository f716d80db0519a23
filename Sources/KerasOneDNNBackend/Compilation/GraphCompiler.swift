import KerasGraph
import KerasKernels
import KerasPlainKernels

/// Turns a graph into a list of kernels over one arena.
///
/// The extensions in `Kernels/`, one file an operation, choose the kernels. They find operands with
/// ``operand(_:as:)`` and ``destination``, and add work with ``add(_:summary:operands:part:)`` and
/// ``add(_:places:part:_:)``.
struct GraphCompiler {
  let graph: Graph
  let precision: PrecisionPlan
  let cpu: InstructionSet
  let options: ProgramOptions
  /// As many as every run will use.
  let threads: Int
  let allocator: ConstantAllocator
  let views: TransposeViews
  let growing: GrowingTensors
  private let chains: ElementwiseChains
  private let memory: MemoryPlan
  private var kernels: [Kernel] = []
  /// What people should know before they read the kernels.
  private var notes: [String]
  private var scratchTop = 0
  private var scratchByteCount = 0
  /// The node being compiled.
  private(set) var nodeIndex = 0
  /// The numbers that the node has oneDNN read.
  private(set) var productType = DataType.float32
  /// Where the node's kernels leave its output when it has to be converted afterwards.
  private var computedOutput: Tensor?
  private let keptConstants = KeptConstants()

  init(_ graph: Graph, options: ProgramOptions, threads: Int) throws(KerasError) {
    self.graph = graph
    self.options = options
    self.threads = threads
    allocator = ConstantAllocator(expecting: graph.constantByteCount)
    let cpu = Engine.instructions
    self.cpu = cpu
    let precision = PrecisionPlan(for: graph, precision: options.precision, purpose: options.purpose, on: cpu)
    self.precision = precision
    notes = precision.notes
    let views = TransposeViews(of: graph, precision: precision)
    self.views = views
    let growing = GrowingTensors(of: graph, precision: precision)
    self.growing = growing
    let chains = ElementwiseChains(of: graph, precision: precision)
    self.chains = chains
    memory = Self.memoryPlan(for: graph, precision, views, growing, chains)
  }

  /// Where values stand in a run.
  static func memoryPlan(
    for graph: Graph, _ precision: PrecisionPlan, _ views: TransposeViews, _ growing: GrowingTensors,
    _ chains: ElementwiseChains
  ) -> MemoryPlan {
    MemoryPlan(
      for: graph,
      byteCount: { value in
        let whole = value.output == 0 ? growing.whole(of: value.node) : value
        return graph.lengths(of: whole).reduce(1, *) * precision.type(of: value).byteCount
      },
      isView: { index in
        if case .reshape = graph.nodes[index].operation { return true }
        return views.isView(index) || growing.isView(index) || precision.isFreeConversion(index)
      },
      work: { chains.work(at: $0, in: graph) },
      canOverwrite: { index, input in
        let node = graph.nodes[index]
        if let chain = chains.chain(endingAt: index) {
          return precision.type(of: chain.operands[input]) == precision.type(of: Value(node: index))
        }
        if case .convolution(let convolution) = node.operation, !convolution.window.hasUsualPadding {
          return false
        }
        return precision.type(of: node.inputs[input]) == precision.type(of: Value(node: index))
      })
  }

  mutating func compile() throws(KerasError) -> CompiledGraph {
    var firstOverwriting: Int?
    for index in graph.nodes.indices {
      nodeIndex = index
      if index == memory.firstOverwritingNode { firstOverwriting = kernels.count }
      scratchTop = 0
      try within(placeName) { () throws(KerasError) in try compileNode() }
      scratchByteCount = max(scratchByteCount, scratchTop)
    }
    let results = graph.outputs.map(result)
    let copiedUpdates = results.suffix(graph.stateCount).enumerated().compactMap { state, result in
      if case .copied = memory.stateUpdates[state] { (state, result) } else { nil }
    }
    return CompiledGraph(
      kernels: kernels, arenaByteCount: memory.byteCount,
      scratchByteCount: scratchByteCount, results: results.dropLast(graph.stateCount),
      stateUpdates: memory.stateUpdates, copiedUpdates: copiedUpdates, firstOverwriting: firstOverwriting,
      notes: notes)
  }

  private func result(_ value: Value) -> ProgramResult {
    ProgramResult(
      place: place(of: value), storedType: precision.type(of: value), lengths: graph.lengths(of: value),
      dataType: graph.spec(of: value).dataType)
  }

  /// The node's kernels; in float32 where oneDNN has no good code for bfloat16. An error that float32 does not
  /// mend is thrown then.
  private mutating func compileNode() throws(KerasError) {
    guard node.outputs.contains(where: { !$0.shape.contains(0) }), !chains.hasNoKernel(nodeIndex) else {
      return
    }
    if let chain = chains.chain(endingAt: nodeIndex) { return add(chain) }
    productType = precision.productType(of: nodeIndex)
    let mark = mark
    do throws(KerasError) {
      try compileOperation()
    } catch {
      guard productType == .bfloat16 else { throw error }
      productType = .float32
      takeBack(to: mark)
      computedOutput = nil
      try compileOperation()
      notes.append("\(placeName): oneDNN does not compute this in bfloat16: computed in float32.")
    }
  }

  private mutating func compileOperation() throws(KerasError) {
    guard isFloat32AtHeart else { return try compilePlainly() }
    let stored = calculates ? startCalculating() : nil
    switch node.operation {
    case .input, .constant, .reshape: break
    case .convolution(let operation): try compile(operation)
    case .matrixMultiply(let operation): try compile(operation)
    case .pooling(let operation): try compile(operation)
    case .reduction(let operation): try compile(operation)
    case .unary(let operation): try compile(operation)
    case .binary(let operation): try compile(operation)
    case .batchNormalization(let operation): try compile(operation)
    case .softmax(let operation): try compile(operation)
    case .transpose where views.isView(nodeIndex): break
    case .cast where precision.isFreeConversion(nodeIndex): break
    case .transpose(let operation): try compile(operation)
    case .pad(let operation): try compile(operation)
    case .concatenate(let operation): try compile(operation)
    case .slice(let operation): try compile(operation)
    case .cast(let operation): try compile(operation)
    case .broadcast(let operation): try compile(operation)
    case .transposedConvolution(let operation): try compile(operation)
    case .convolutionKernelGradient(let operation): try compile(operation)
    case .compare(let operation): try compile(operation)
    case .select(let operation): try compile(operation)
    case .gather, .scatterAdd, .argumentReduction, .sort, .searchSorted, .hash, .cumulative, .reverse,
      .random,
      .poolingSelection, .scan:
      try compilePlainly()
    case .poolingGradient(let operation): try compile(operation)
    case .standardize(let operation): try compile(operation)
    case .recurrent(let operation): try compile(operation)
    case .recurrentGradient(let operation): try compile(operation)
    }
    if let stored, computedOutput != nil {
      addConversion(from: output, to: stored)
      computedOutput = nil
    }
  }

  /// Whether the node's operation looks at numbers and has a kernel for float32; those that move elements take
  /// every type.
  private var calculates: Bool {
    switch node.operation {
    case .convolution, .transposedConvolution, .convolutionKernelGradient, .matrixMultiply, .pooling,
      .reduction,
      .unary, .binary, .batchNormalization, .softmax:
      true
    default:
      false
    }
  }

  /// Whether float32 holds what an operation that calculates reads and writes. What it would lose, float64 and
  /// integers, is left to plain kernels.
  private var isFloat32AtHeart: Bool {
    guard calculates else { return true }
    let specs = node.inputs.map(graph.spec(of:)) + node.outputs
    return specs.allSatisfy { [.float32, .float16, .bfloat16].contains($0.dataType) }
  }

  /// Prepares for an operation that calculates. Where its kernels do not write what is to be stored, as float16,
  /// the output is converted afterwards: then returns it as it is to be stored.
  private mutating func startCalculating() -> Tensor? {
    let stored = output
    let type = PrecisionPlan.computedType(of: node.operation, stored: stored.type, productType: productType)
    guard type != stored.type else { return nil }
    computedOutput = Tensor(
      place: scratch(stored.elementCount * type.byteCount), lengths: stored.lengths, type: type)
    return stored
  }

  /// Has the node's kernels write its output as it is stored after all.
  mutating func stopConverting() { computedOutput = nil }
}

// MARK: - Reading the graph

extension GraphCompiler {
  var node: Node { graph.nodes[nodeIndex] }

  /// A value as kernels see it.
  struct Tensor {
    let place: Place
    let lengths: [Int]
    /// How it is stored, which need not be the graph's data type.
    let type: DataType

    var elementCount: Int { lengths.reduce(1, *) }
    var byteCount: Int { elementCount * type.byteCount }
  }

  /// The node's output.
  var output: Tensor { computedOutput ?? tensor(Value(node: nodeIndex)) }

  /// The lengths of the input number `position`; for a constant cheaper to ask for than the tensor.
  func lengths(_ position: Int) -> [Int] { graph.lengths(of: node.inputs[position]) }

  /// The node's input number `position`, as it is stored. A constant is copied into the program.
  func input(_ position: Int) -> Tensor { tensor(node.inputs[position]) }

  func tensor(_ value: Value) -> Tensor {
    Tensor(place: place(of: value), lengths: graph.lengths(of: value), type: precision.type(of: value))
  }

  /// The tensor behind an input that is a constant, seen through reshapes.
  func constant(_ position: Int) -> KerasCore.Tensor? {
    let value = node.inputs[position]
    guard let tensor = graph.constant(graph.origin(of: value)) else { return nil }
    return try? tensor.reshaped(to: graph.lengths(of: value))
  }

  /// What this program keeps of an input that is a constant, seen through reshapes.
  func kept(_ position: Int, as form: KeptConstant.Form) -> KeptConstant? {
    identity(position).map { KeptConstant(constant: $0, form: form) }
  }

  func identity(_ position: Int) -> ConstantIdentity? {
    let value = node.inputs[position]
    return graph.constantOperation(graph.origin(of: value))?.identity.reshaped(to: graph.lengths(of: value))
  }

  /// Whether the output stands where the node's input number `position` stood.
  func overwrites(_ position: Int) -> Bool {
    computedOutput == nil && memory.overwrittenInput[nodeIndex] == position
  }

  private func place(of value: Value) -> Place {
    var origin = graph.origin(of: value)
    while views.isView(origin.node) || growing.isView(origin.node) || precision.isFreeConversion(origin.node)
    {
      origin = graph.origin(of: graph.nodes[origin.node].inputs[0])
    }
    switch graph.operation(of: origin) {
    case .input: return .input(graph.inputs.firstIndex(of: origin) ?? 0)
    case .constant(let constant):
      return .constant(keptConstants.memory(of: constant, origin, from: allocator))
    default:
      if let state = memory.updatedState[value] { return .update(state) }
      return .arena(memory.offsets[value] ?? 0)
    }
  }

  private var placeName: String {
    node.name.isEmpty ? "node \(nodeIndex) (\(node.operation.name))" : node.name
  }
}

// MARK: - Writing the program

extension GraphCompiler {
  /// The input number `position` stored as `type`: as it is, or converted into scratch memory.
  mutating func operand(_ position: Int, as type: DataType) throws(KerasError) -> Tensor {
    let tensor = input(position)
    guard tensor.type != type else { return tensor }
    let converted = Tensor(
      place: scratch(tensor.elementCount * type.byteCount), lengths: tensor.lengths, type: type)
    addConversion(from: tensor, to: converted)
    return converted
  }

  /// The input number `position` as the C kernels for numbers read it: float32 or bfloat16.
  mutating func number(_ position: Int) throws(KerasError) -> Tensor {
    input(position).type == .bfloat16 ? input(position) : try operand(position, as: .float32)
  }

  /// Memory that this node's kernels have to themselves.
  mutating func scratch(_ byteCount: Int) -> Place {
    defer { scratchTop += MemoryPlan.aligned(byteCount) }
    return .scratch(scratchTop)
  }

  /// How far the program is written.
  struct Mark {
    fileprivate let kernelCount, scratchTop: Int
  }

  var mark: Mark { Mark(kernelCount: kernels.count, scratchTop: scratchTop) }

  /// Forgets the node's kernels since `mark`.
  mutating func takeBack(to mark: Mark) {
    kernels.removeSubrange(mark.kernelCount...)
    scratchTop = mark.scratchTop
  }

  /// What a kernel does of its node's work, where that is not all of it.
  struct Part {
    /// As a profile lists it; nil for the node's operation.
    var operation: String?
    /// What it reads; nil for the node's inputs.
    var operands: [Value]?
    /// What it reads and writes.
    let byteCount: Int
  }

  /// - Parameter part: nil for the kernel that does what the node is for.
  mutating func add(
    _ primitive: Primitive, summary: String, operands: [Kernel.Operand], part: Part? = nil
  ) {
    let scratchpad = Kernel.Operand(
      role: Role.scratchpad, descriptor: primitive.scratchpad, place: scratch(primitive.scratchpad.byteCount))
    kernels.append(
      Kernel(
        step: step("\(primitive.implementation) \(summary)", part),
        work: .primitive(primitive, operands + [scratchpad])))
  }

  /// Adds work in parts that one thread computes each.
  mutating func add(sideBySide portions: [Kernel.Portion], summary: String) {
    guard let first = portions.first else { return }
    let whole = portions.map { portion in
      let scratchpad = portion.primitive.scratchpad
      return Kernel.Portion(
        primitive: portion.primitive,
        operands: portion.operands + [
          Kernel.Operand(
            role: Role.scratchpad, descriptor: scratchpad, place: scratch(scratchpad.byteCount))
        ])
    }
    kernels.append(
      Kernel(
        step: step("\(first.primitive.implementation) \(summary), parts: \(portions.count)", nil),
        work: .sideBySide(whole)))
  }

  mutating func add(
    _ summary: String, places: [Place], part: Part? = nil, _ function: @escaping Kernel.Function
  ) {
    kernels.append(Kernel(step: step(summary, part), work: .function(places, function)))
  }

  private func step(_ summary: String, _ part: Part?) -> ProgramStep {
    let values = node.inputs + node.outputs.indices.map { Value(node: nodeIndex, output: $0) }
    return ProgramStep(
      layer: placeName, operation: part?.operation ?? graph.kind(of: node), kernel: summary,
      inputs: (part?.operands ?? node.inputs).map(graph.spec(of:)), outputs: node.outputs,
      multiplyAdds: part == nil ? graph.multiplyAdds(of: node) ?? 0 : 0,
      byteCount: part?.byteCount ?? values.reduce(0) { $0 + byteCount(of: $1) })
  }

  /// As it is stored. Constants have their type in the graph: in which layout they are read is up to kernels.
  private func byteCount(of value: Value) -> Int {
    graph.lengths(of: value).reduce(1, *) * precision.type(of: value).byteCount
  }
}

/// What compilation leaves behind.
struct CompiledGraph: Sendable {
  let kernels: [Kernel]
  let arenaByteCount: Int
  let scratchByteCount: Int
  let results: [ProgramResult]
  let stateUpdates: [MemoryPlan.StateUpdate]
  /// New values of states that stand where something else belongs.
  let copiedUpdates: [(state: Int, result: ProgramResult)]
  /// The first kernel that overwrites a state.
  let firstOverwriting: Int?
  let notes: [String]

  var plan: [String] { notes + kernels.map { "\($0.node): \($0.summary)" } }

  /// Where its kernels read and write, and its results stand.
  var places: [Place] { kernels.flatMap(\.places) + results.map(\.place) }
}

/// Constants that kernels read as they are, each copied once, when first asked for.
private final class KeptConstants {
  private var memory: [Value: ConstantMemory] = [:]

  func memory(of constant: ConstantOperation, _ value: Value, from allocator: ConstantAllocator)
    -> ConstantMemory
  {
    if let known = memory[value] { return known }
    let copy = allocator.copy(of: constant)
    memory[value] = copy
    return copy
  }
}

extension Graph {
  /// The lengths of a value whose shape is known.
  func lengths(of value: Value) -> [Int] { shape(of: value).dimensions.map { $0 ?? 0 } }
}

/// How C kernels name an element type: float32, unless it is bfloat16.
func kernelType(_ type: DataType) -> kk_type { type == .bfloat16 ? KK_BFLOAT16 : KK_FLOAT32 }
