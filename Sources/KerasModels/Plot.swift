import Glibc
import KerasFiles
import KerasLayers

/// What a drawing of a model shows, as `keras.utils.plot_model`.
public struct PlotOptions: Hashable, Sendable {
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    case topToBottom = "TB"
    case leftToRight = "LR"
  }

  public var showsShapes = false
  public var showsDataTypes = false
  public var showsNames = false
  public var showsActivations = false
  public var showsTrainable = false
  /// Whether nested models are drawn with their layers, in a frame.
  public var expandsNested = false
  public var direction = Direction.topToBottom
  /// Dots an inch, for pictures of dots.
  public var resolution = 200

  public init() {}
}

extension Model {
  /// The model as a drawing in Graphviz' language: a box for each layer, an arrow for each tensor.
  ///
  /// - Throws: `invalidArgument` for a model without connected layers.
  public func dot(_ options: PlotOptions = PlotOptions()) throws(KerasError) -> String {
    guard network != nil || !layers.isEmpty else {
      throw KerasError(
        .invalidArgument, "There is nothing to draw: the model's layers are not connected yet.", path: [name],
        remedy: "call it on something first.")
    }
    var drawing = Drawing(options)
    drawing.add(self, prefix: "")
    return drawing.text(name: name, resolution: options.resolution)
  }

  /// Draws the model into a file.
  ///
  /// - Parameter path: `.dot` for Graphviz' language itself; `.svg`, `.png` or `.pdf` through its program `dot`.
  /// - Throws: `invalidArgument` for another ending; `libraryFailure` where `dot` is not installed or fails.
  public func plot(to path: String, _ options: PlotOptions = PlotOptions()) throws(KerasError) {
    let text = try dot(options)
    let bytes = Array(text.utf8)
    let ending = path.split(separator: ".").last.map(String.init) ?? ""
    switch ending {
    case "dot", "gv": try writeFile(at: path) { (file) throws(KerasError) in try file.append(bytes) }
    case "svg", "png", "pdf":
      let source = "\(path).dot-source"
      do {
        try writeFile(at: source) { (file) throws(KerasError) in try file.append(bytes) }
      } catch {
        // Nobody asked for that file.
        throw KerasError(error.kind, error.what.replacing(source, with: path), path: error.path, remedy: error.remedy)
      }
      defer { unlink(source) }
      try runDot(["-T\(ending)", "-o", path, source])
    default:
      throw KerasError(
        .invalidArgument, "A drawing's file ends in .dot, .svg, .png or .pdf, found \(path).")
    }
  }

  private func runDot(_ arguments: [String]) throws(KerasError) {
    var process: pid_t = 0
    var pointers = (["dot"] + arguments).map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    guard posix_spawnp(&process, "dot", nil, nil, &pointers, environ) == 0 else {
      throw KerasError(
        .libraryFailure, "The program `dot` cannot be started.",
        remedy: "install graphviz, or draw into a .dot file.")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    guard status == 0 else {
      throw KerasError(.libraryFailure, "The program `dot` failed with status \(status >> 8).")
    }
  }
}

/// Collects the boxes and arrows of a drawing.
private struct Drawing {
  private let options: PlotOptions
  private var lines: [String] = []
  private var frames = 0

  init(_ options: PlotOptions) { self.options = options }

  func text(name: String, resolution: Int) -> String {
    """
    digraph \(quoted(name)) {
      rankdir=\(options.direction.rawValue)
      dpi=\(resolution)
      node [shape=box, style="rounded,filled", fillcolor="#f4f6f8", color="#5b6770", fontname=Helvetica]
      edge [color="#5b6770"]
    \(lines.map { "  \($0)" }.joined(separator: "\n"))
    }

    """
  }

  mutating func add(_ model: Model, prefix: String) {
    for layer in boxes(of: model) {
      if options.expandsNested, let nested = layer as? Model, nested.network != nil {
        lines.append("subgraph \(quoted("cluster_\(frames)")) {")
        frames += 1
        lines.append("  label=\(quoted(nested.name)); style=dashed; color=\"#9aa5ad\"")
        add(nested, prefix: prefix + nested.name + "/")
        lines.append("}")
      } else {
        lines.append("\(quoted(prefix + layer.name)) [label=\(quoted(label(of: layer)))]")
      }
    }
    addArrows(of: model, prefix: prefix)
  }

  private func boxes(of model: Model) -> [Layer] {
    (model as? Sequential)?.layersWithInput ?? model.layers
  }

  private mutating func addArrows(of model: Model, prefix: String) {
    guard model.network != nil else {
      for (a, b) in zip(model.layers, model.layers.dropFirst()) {
        lines.append("\(quoted(prefix + a.name)) -> \(quoted(prefix + b.name)) [style=dotted]")
      }
      return
    }
    var seen: Set<String> = []
    for call in model.networkCalls {
      for (position, input) in call.inputs.enumerated() {
        guard let source = input.origin?.layer else { continue }
        let arrow = "\(end(source, prefix, input.output)) -> \(start(call.layer, prefix, position))"
        if seen.insert(arrow).inserted { lines.append(arrow) }
      }
    }
  }

  /// Where an arrow leaves: of a nested model that is drawn open, the layer of its output.
  private func end(_ layer: Layer, _ prefix: String, _ output: Int) -> String {
    guard options.expandsNested, let model = layer as? Model, model.outputs.indices.contains(output),
      let inner = model.outputs[output].origin?.layer
    else { return quoted(prefix + layer.name) }
    return end(inner, prefix + model.name + "/", model.outputs[output].output)
  }

  private func start(_ layer: Layer, _ prefix: String, _ position: Int) -> String {
    guard options.expandsNested, let model = layer as? Model, model.inputs.indices.contains(position),
      let inner = model.inputs[position].origin?.layer
    else { return quoted(prefix + layer.name) }
    return start(inner, prefix + model.name + "/", 0)
  }

  private func label(of layer: Layer) -> String {
    var rows = [options.showsNames ? "\(layer.name) (\(layer.className))" : layer.className]
    if options.showsActivations, let activation = layer.config["activation"]?.string { rows.append(activation) }
    let call = layer.calls.last
    if options.showsShapes, let call {
      let inputs = call.inputs.map { "\($0.shape)" }.joined(separator: ", ")
      let outputs = call.outputSpecs.map { "\($0.shape)" }.joined(separator: ", ")
      rows.append(inputs.isEmpty ? outputs : "\(inputs) → \(outputs)")
    }
    if options.showsDataTypes, let spec = call?.outputSpecs.first { rows.append(spec.dataType.rawValue) }
    if options.showsTrainable, !layer.weights.isEmpty {
      rows.append(layer.isTrainable ? "trainable" : "not trainable")
    }
    return rows.joined(separator: "\n")
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
  }
}
