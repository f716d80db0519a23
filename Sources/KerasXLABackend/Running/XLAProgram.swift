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
  private let constants: [DeviceBuffer]
  private let hostStage: HostStage?
  private let origin: String

  init(_ whole: Graph, _ settings: LoweringSettings, isDeterministic: Bool, on device: XLADevice) throws(KerasError) {
    self.device = device
    inputs = whole.inputs.dropLast(whole.stateCount).map(whole.spec(of:))
    states = whole.inputs.suffix(whole.stateCount).map(whole.spec(of:))
    outputCount = whole.outputs.count - whole.stateCount
    let split = try HostStage.split(whole)
    hostStage = split?.stage
    text = try ProgramText(split?.rest ?? whole, settings)
    let compiled = try device.executable(
      for: text.text, CompileOptions(isDeterministic: isDeterministic))
    (executable, origin) = (compiled.executable, compiled.origin)
    var constants: [DeviceBuffer] = []
    for constant in text.constants { constants.append(try device.constant(constant)) }
    self.constants = constants
  }

  var plan: [String] {
    var lines = [
      "\(device.description): \(text.text.utf8.count) bytes of StableHLO, \(origin); \(constants.count) constants "
        + "of \(constants.reduce(0) { $0 + $1.spec.byteCount }) bytes on the device"
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
    var stateBuffers: [DeviceBuffer] = []
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
  func start(_ tensors: [Tensor], _ states: [DeviceBuffer]) throws(KerasError) -> StepResults {
    var arguments: [DeviceBuffer] = []
    for tensor in try tensors + (hostStage?.run(tensors) ?? []) { arguments.append(try device.upload(tensor)) }
    let results = try executable.start([arguments + states + constants], outputs: text.results)[0]
    var updates: [DeviceBuffer?] = []
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
  let outputs: [DeviceBuffer]
  /// By state; nil for one that does not change.
  let updates: [DeviceBuffer?]
  let check: StepCheck?
}
