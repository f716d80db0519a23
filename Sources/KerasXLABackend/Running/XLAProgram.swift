import KerasGraph

/// A graph compiled for a device, with its constants there.
final class XLAProgram: Program {
  let device: XLADevice
  let executable: Executable
  let text: ProgramText
  /// What the graph takes and gives.
  let inputs: [TensorSpec]
  let states: [TensorSpec]
  let outputCount: Int
  private let constants: [PlacedConstant]
  private let hostStage: HostStage?
  private let origin: String

  init(_ whole: Graph, _ settings: LoweringSettings, isDeterministic: Bool, on device: XLADevice)
    throws(KerasError)
  {
    self.device = device
    inputs = whole.inputs.dropLast(whole.stateCount).map(whole.spec(of:))
    states = whole.inputs.suffix(whole.stateCount).map(whole.spec(of:))
    outputCount = whole.outputs.count - whole.stateCount
    let split = try HostStage.split(whole)
    hostStage = split?.stage
    text = try ProgramText(split?.rest ?? whole, settings, deviceCount: device.count)
    // Nodes that computed different things would wait for each other for ever.
    try device.member?.agree(on: "programs", ExecutableCache.hash(Array(text.text.utf8)))
    let compiled = try device.executable(
      for: text.text,
      CompileOptions(
        deviceNumbers: device.sharing, isDeterministic: isDeterministic))
    (executable, origin) = (compiled.executable, compiled.origin)
    var constants: [PlacedConstant] = []
    for constant in text.constants { constants.append(try device.constant(constant)) }
    self.constants = constants
  }

  var plan: [String] {
    var lines = [
      "\(device.description): \(text.text.utf8.count) bytes of StableHLO, \(origin); \(constants.count) constants "
        + "of \(text.constants.reduce(0) { $0 + $1.byteCount }) bytes on the device"
    ]
    if let memory = executable.memory() {
      lines.append(
        "a run: \(memory.argumentByteCount) bytes of arguments, \(memory.outputByteCount) of outputs "
          + "(\(memory.aliasedByteCount) in the place of arguments), \(memory.temporaryByteCount) in between")
    }
    if hostStage != nil { lines.append("hashes are computed on the host before") }
    return lines
  }

  func run(_ tensors: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(tensors, inputs + states)
    var stateBuffers: [PlacedTensor] = []
    for tensor in tensors.suffix(states.count) { stateBuffers.append(try device.upload(tensor)) }
    let results = try start(Array(tensors.prefix(inputs.count)), stateBuffers)
    try results.check?.examine()
    var outputs: [Tensor] = []
    for buffer in results.outputs { outputs.append(try buffer.download()) }
    for (state, update) in results.updates.enumerated() {
      outputs.append(try update?.download() ?? tensors[inputs.count + state])
    }
    return outputs
  }

  func makeSession(
    on store: any StateStore, at positions: [Int]?
  ) throws(KerasError) -> any ProgramSession {
    guard let store = store as? XLAStates, store.device.isSame(as: device) else {
      throw KerasError(
        .invalidArgument, "The states are not on the device where the program computes.",
        remedy: "make them by the backend that prepared the program.")
    }
    let positions = positions ?? Array(states.indices)
    try checkStates(states, updated: text.changes, in: store, at: positions)
    return XLASession(program: self, store: store, positions: positions)
  }

  /// Starts a run.
  ///
  /// - Parameter states: used up where they change.
  func start(_ tensors: [Tensor], _ states: [PlacedTensor]) throws(KerasError) -> StepResults {
    var arguments: [PlacedTensor] = []
    for (tensor, isSplit) in zip(try tensors + (hostStage?.run(tensors) ?? []), text.splits) {
      arguments.append(try device.upload(tensor, isSplit: isSplit))
    }
    arguments += states + constants.map(\.tensor)
    let lists = device.devices.indices.map { number in arguments.map { $0.parts[number] } }
    let made = try executable.start(lists, outputs: text.results)
    let results = text.results.indices.map { index in PlacedTensor(parts: made.map { $0[index] }) }
    var updates: [PlacedTensor?] = []
    var next = outputCount
    for changes in text.changes {
      updates.append(changes ? results[next] : nil)
      if changes { next += 1 }
    }
    let check =
      text.checks.isEmpty
      ? nil : StepCheck(text.checks, number: results[next], index: results[next + 1])
    return StepResults(outputs: Array(results.prefix(outputCount)), updates: updates, check: check)
  }
}

/// What a run that was started will give.
struct StepResults {
  let outputs: [PlacedTensor]
  /// By state; nil for one that does not change.
  let updates: [PlacedTensor?]
  let check: StepCheck?
}
