import KerasCharts
import KerasCore

extension History {
  /// Draws loss and metrics, a panel each, training and validation in one.
  ///
  /// ```swift
  /// try History(contentsOfCSV: "training.csv").plot(to: "curves.svg")
  /// ```
  ///
  /// - Parameter path: `.svg` or `.png`; it is written beside and renamed.
  /// - Throws: `invalidArgument` for another ending; `fileAccess`.
  public func plot(to path: String, title: String? = nil) throws(KerasError) {
    try chart(title: title).write(to: path)
  }

  /// The same drawing as SVG, without links to anything.
  public func svg(title: String? = nil) -> String { chart(title: title).svg() }

  package func chart(title: String? = nil) -> Chart {
    let prefix = "val_"
    let names = Set(metrics.keys.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 })
    // The loss first, as what everything else follows from; what is set and not measured last.
    func rank(_ name: String) -> Int { name == "loss" ? 0 : name == "learning_rate" ? 2 : 1 }
    let panels = names.sorted { (rank($0), $0) < (rank($1), $1) }.map { name in
      let series = [("training", name, ChartColor.blue), ("validation", prefix + name, .orange)].compactMap {
        title, name, color in
        let points = metrics[name] == nil ? [] : points(of: name)
        // People count epochs from 1.
        return points.isEmpty
          ? nil : Chart.Series(title, points.map { (Double($0.epoch + 1), $0.value) }, color)
      }
      return Chart.Panel(name, xTitle: "epoch", series: series, isWhole: true)
    }
    return Chart(title: title, panels: panels)
  }
}

/// Draws loss and metrics anew after every epoch: ``History/plot(to:title:)``.
public final class HistoryPlot: Callback {
  private let path: String
  private let title: String?
  private var history = History()

  /// - Parameter path: `.svg` or `.png`.
  public init(_ path: String, title: String? = nil) {
    self.path = path
    self.title = title
  }

  public override func trainBegan() throws {
    try Chart.checkPath(path)
    history = History()
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    history.append(logs, epoch: epoch)
    try history.plot(to: path, title: title)
  }

  public override func savedState() -> [String: Tensor] { history.arrays }
  public override func restore(_ state: [String: Tensor]) { history = History(arrays: state) }
}
